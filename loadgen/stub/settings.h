#pragma once
// What a stub is told to be: a TOML file (docs/cli/stub.md has every key), the command line's
// options, or both. Values only; files that they name are read when the stub is made.

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "codecs/config.h"
#include "codecs/duis/dcc_alert_code.h"
#include "codecs/duis/response_code.h"
#include "core/device.h"
#include "core/srv_table.h"
#include "loadgen/net/tls.h"
#include "loadgen/stub/callbacks.h"
#include "loadgen/stub/delay.h"
#include "loadgen/stub/server.h"
#include "loadgen/stub/service_queue.h"
#include "loadgen/stub/timeline.h"

namespace s1flow::loadgen::stub {

// Signatures of what the stub sends.
enum class Signing : std::uint8_t { none, responses, all };  // responses: acknowledgements unsigned

struct CheckSettings {
  Path pki;                      // empty: no signature is made or looked at
  Path schema;                   // empty: none
  std::optional<UtcTime> clock;  // nothing: the machine's, by the minute
  double verify_share = 1;       // of requests whose signature is looked at, when there is a PKI
  enum class Duplicates : std::uint8_t { rising, window, off } duplicates = Duplicates::window;
};

struct DeviceSettings {
  std::optional<DeviceType> type;      // nothing: takes every variant
  codecs::duis::ResponseCode refuses;  // I0: does not; else E4, E5, E11, E17 or E19
};

// How the requests of some variants are answered; one for each variant.
struct VariantSettings {
  Delay ack;          // to the acknowledgement
  Delay synchronous;  // to the answer of Transform and Non-Device
  Delay response;     // from the acknowledgement to the Service Response
  struct Error {
    codecs::duis::ResponseCode code;  // E20, E21, E30 and others come later, E1 to E19 at once
    double share = 0;
  };
  std::vector<Error> errors;
};

// An alert: a DCC Alert code, or four hex digits of a Device Alert.
struct AlertCode {
  std::optional<codecs::duis::DccAlertCode> dcc;
  std::uint16_t device = 0;
  std::uint16_t device_place = 0;  // in StubSettings::device_alert_codes
};

struct AlertRule {
  std::bitset<kServiceReferenceVariants> after;
  AlertCode code;
  double share = 1;
  Delay delay;  // from the response; from the answer, where there is no response
};

struct AlertStorm {
  AlertCode code;
  Nanoseconds at{0};
  Nanoseconds lasts{0};
  double rate = 0;  // alerts a second
  std::uint64_t devices = 1;
  Eui64 first_device;
  Eui64 user;                  // whom they go to
  std::uint32_t throttle = 1;  // one message stands for so many
};

struct FaultShares {
  double reset = 0, truncate = 0, half_close = 0, garbage = 0, error_500 = 0, silent = 0;
  double withhold = 0;  // responses that never come
  double unknown = 0;   // a message with an unknown RequestID beside the response
};

struct ScheduleSettings {
  Nanoseconds every = std::chrono::seconds(1);
  std::uint32_t times = 0;  // answers of each schedule (SRV 5.1); 0: none
};

struct StubSettings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::string allow_address;  // another address than loopback that may be listened on
  unsigned threads = 1;
  std::uint64_t seed = 1;
  Nanoseconds run_for{0};           // 0: until told to stop
  std::uint64_t most_requests = 0;  // 0: no cap
  Nanoseconds drain = std::chrono::seconds(5);
  bool sink = false;  // takes any POST and answers 200 without looking into it
  ServerLimits limits;
  std::size_t most_outstanding = 2'000'000;  // messages planned and under way; beyond it, 503
  std::optional<TlsOptions> tls;
  // With the DCC's certificate of the PKI, and Users with theirs; in place of files in `tls`, and
  // of those of https receive addresses that name none.
  bool pki_tls = false;
  bool peer_signs = false;  // a request has to be of the User whose certificate the peer has shown
  std::array<std::string, 3> paths{"/api/v1/serviceT", "/api/v1/serviceS", "/api/v1/serviceD"};
  CheckSettings checks;
  Signing signing = Signing::responses;

  bool every_device = true;  // false: only those of `devices` exist
  std::unordered_map<std::uint64_t, DeviceSettings> devices;
  std::unordered_map<std::uint64_t, codecs::duis::ResponseCode> users;  // refused with E1 or E3

  std::optional<CallbackOptions> receive;  // for Users without an address of their own
  std::unordered_map<std::uint64_t, CallbackOptions> receive_by_user;

  std::vector<VariantSettings> variants = std::vector<VariantSettings>(kServiceReferenceVariants);
  Nanoseconds execution_after{-1};  // future-dated: so long after the request; < 0: when it says
  ScheduleSettings schedules;
  std::vector<AlertRule> alerts;
  std::vector<AlertStorm> storms;
  std::vector<std::string> device_alert_codes;
  FaultShares faults;

  double capacity = 0;  // requests a second; 0: as fast as it can
  std::uint64_t queue = 10'000;
  ServiceQueue::Service service = ServiceQueue::Service::even;
  Timeline timeline;
  Path stamps;  // empty: none

  // A usage error when settings do not go together.
  [[nodiscard]] Status check() const;
};

// Relative names are relative to the file.
[[nodiscard]] Result<StubSettings> load_settings(const Path& file);
[[nodiscard]] Result<StubSettings> read_settings(const codecs::ConfigValue& table,
                                                 const std::string& name, const Path& folder);

// "127.0.0.1:8079", "[::1]:0".
[[nodiscard]] Status set_listen(StubSettings& settings, std::string_view text);
[[nodiscard]] Result<AlertCode> parse_alert_code(std::string_view text, StubSettings& settings);

}  // namespace s1flow::loadgen::stub
