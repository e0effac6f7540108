#pragma once
// From the number of a request to its bytes. What a request says follows from seed and number
// alone, so any thread may make any request; only signature values differ from one making to the
// next.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "codecs/duis/request.h"
#include "loadgen/duis/batch_view.h"
#include "loadgen/duis/duis_settings.h"
#include "loadgen/request_source.h"

namespace s1flow::loadgen {

// What all makers of a run share. Immutable; thread-safe.
class RequestPlan {
 public:
  // A usage error when nobody of the batch may send a kind, or no device takes it.
  [[nodiscard]] static Result<std::shared_ptr<const RequestPlan>> make(const DuisSettings& settings,
                                                                       const std::string& authority,
                                                                       std::uint64_t seed);

  struct Choice {
    std::uint16_t kind = 0;
    std::uint16_t class_index = 0;  // by kind and role
    std::uint32_t identity = 0;
    codecs::duis::RequestValues values;
  };
  [[nodiscard]] Choice choose(std::uint64_t number) const;
  [[nodiscard]] std::uint16_t kind_of(std::uint64_t number) const;
  [[nodiscard]] std::uint64_t number_of(const JoinKey& key) const {
    return key.counter - settings_.first_counter;
  }
  [[nodiscard]] const DuisSettings& settings() const { return settings_; }
  [[nodiscard]] const BatchView& batch() const { return batch_; }
  [[nodiscard]] const codecs::duis::RequestTemplate& form(std::uint16_t kind) const {
    return kinds_[kind].form;
  }
  [[nodiscard]] std::span<const RequestClass> classes() const { return classes_; }
  // The request line and headers before the length.
  [[nodiscard]] const std::string& head(std::uint16_t kind) const { return kinds_[kind].head; }
  [[nodiscard]] const std::string& send_command_head() const { return send_command_head_; }

 private:
  struct Kind {
    codecs::duis::RequestTemplate form;
    std::string head;
    std::vector<std::uint32_t> devices;     // places in the batch that take it
    std::vector<std::uint32_t> identities;  // that may send it
    bool targets_dcc = false;
    bool targets_hub = false;
    std::array<std::uint16_t, kUserRoles> classes{};  // by role
  };
  explicit RequestPlan(DuisSettings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] Status add_kind(const RequestKind& kind, const std::string& authority);
  [[nodiscard]] Status check_given() const;
  [[nodiscard]] std::string head_of(DccService service, const std::string& authority) const;
  // The role in which a User sends a kind to a device: one that the variant has.
  [[nodiscard]] UserRole role_for(std::uint16_t kind, std::uint32_t identity,
                                  DeviceType device) const;
  void add_classes();
  [[nodiscard]] std::uint32_t identity_for(const Kind& kind, Eui64 supplier,
                                           std::uint64_t random) const;
  void choose_given(const GivenRequest& given, Choice& out) const;

  DuisSettings settings_;
  BatchView batch_;
  std::uint64_t seed_ = 1;
  std::vector<Kind> kinds_;
  std::vector<RequestClass> classes_;
  std::vector<std::uint16_t> given_classes_;  // by place in the settings' given
  std::vector<double> shares_;                // running sum of the weights' shares
  std::string send_command_head_;
};

// One per thread; not thread-safe.
class RequestMaker {
 public:
  explicit RequestMaker(std::shared_ptr<const RequestPlan> plan);

  struct Made {
    std::uint16_t class_index = 0;
    JoinKey key;
  };
  // Head and signed body, in place of what `to` holds; it allocates only while it grows.
  [[nodiscard]] Result<Made> make(std::uint64_t number, std::string& to);
  // The second round trip of a critical request: a Signed Pre-Command with the bytes of the
  // Pre-Command in `reply`, which are handed back as they are. An error when there are none.
  [[nodiscard]] Status make_second(const JoinKey& key, std::string_view reply, std::string& to);

 private:
  [[nodiscard]] Result<codecs::duis::RequestSigner*> signer(std::uint32_t identity);

  std::shared_ptr<const RequestPlan> plan_;
  std::vector<std::unique_ptr<codecs::duis::RequestSigner>> signers_;     // by identity
  std::vector<std::unique_ptr<codecs::duis::PreparedRequest>> prepared_;  // kind × identity
  std::string second_;
};

}  // namespace s1flow::loadgen
