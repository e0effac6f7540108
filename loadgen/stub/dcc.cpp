#include "loadgen/stub/dcc.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/random.h"
#include "core/text.h"

namespace s1flow::loadgen::stub {
namespace {

using codecs::crypto::PartyRole;
using codecs::duis::OuterSignature;
using codecs::duis::RequestFault;
using codecs::duis::ResponseCode;
namespace crypto = codecs::crypto;
namespace duis = codecs::duis;
namespace response_code = codecs::duis::response_code;

constexpr std::size_t kMostPayload = 64 << 10;
constexpr std::uint32_t kEnvelope = 1640;  // bytes of a signed response beside its payload
constexpr std::string_view kGbcsVersion = "4.3";

const crypto::PkiEntry* signer_of(const crypto::Pki& pki, PartyRole role) {
  for (const crypto::PkiEntry& entry : pki.entries())
    if (entry.role == role && entry.use == crypto::CertificateUse::xml_signing &&
        entry.key().type() != crypto::KeyType::none)
      return &entry;
  return nullptr;
}

Result<std::optional<crypto::SignatureMaker>> maker_of(const crypto::PkiEntry* entry) {
  std::optional<crypto::SignatureMaker> maker;
  if (entry != nullptr) {
    S1FLOW_TRY(maker, crypto::SignatureMaker::make(entry->certificate, entry->key()));
  }
  return maker;
}

// Text of the first element of that name, in a request that is known to be well-formed and free of
// comments. Empty when there is none.
std::string_view text_of(std::string_view xml, std::string_view name) {
  for (std::size_t at = xml.find(name); at != std::string_view::npos; at = xml.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (at == 0 || (xml[at - 1] != ':' && xml[at - 1] != '<') || end >= xml.size() ||
        xml[end] != '>')
      continue;
    return xml.substr(end + 1, std::min(xml.find('<', end), xml.size()) - end - 1);
  }
  return {};
}

// E1 to E19 and E100 are told at once, since the DCC knows them; what a device has to say comes
// later.
bool is_told_at_once(ResponseCode code) {
  return code.index() <= response_code::kE19.index() || code == response_code::kE100;
}

ResponseCode draw_error(const VariantSettings& settings, Random& random) {
  double at = random.unit();
  for (const VariantSettings::Error& error : settings.errors) {
    if (at < error.share) return error.code;
    at -= error.share;
  }
  return {};
}

void draw_spoil(const FaultShares& f, Random& random, Reply& reply) {
  double at = random.unit();
  const auto falls = [&](double share) {
    const bool hit = at >= 0 && at < share;
    at -= share;
    return hit;
  };
  if (falls(f.reset)) reply.spoil = Spoil::reset;
  if (falls(f.truncate)) reply.spoil = Spoil::truncate;
  if (falls(f.half_close)) reply.spoil = Spoil::half_close;
  if (falls(f.garbage)) reply.spoil = Spoil::garbage;
  if (falls(f.silent)) reply.silent = true;
}

}  // namespace

std::uint64_t Schedules::create(Eui64 device) {
  const std::lock_guard lock(mutex_);
  devices_[next_] = device;
  return next_++;
}
void Schedules::remove(Eui64 device, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  for (auto at = devices_.begin(); at != devices_.end();)
    at = id == 0 ? (at->second == device ? devices_.erase(at) : std::next(at))
                 : (at->first == id ? devices_.erase(at) : std::next(at));
}
bool Schedules::has(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  return devices_.find(id) != devices_.end();
}

Result<std::unique_ptr<DccWorld>> DccWorld::make(const StubSettings& settings) {
  crypto::Pki pki;
  if (!settings.checks.pki.empty()) {
    crypto::PkiOptions options;
    options.clock = settings.checks.clock.value_or(
        UtcTime(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())));
    S1FLOW_TRY(pki, crypto::Pki::load(settings.checks.pki, options));
  }
  std::optional<duis::SchemaChecker> schema;
  if (!settings.checks.schema.empty()) {
    S1FLOW_TRY(schema, duis::SchemaChecker::load(settings.checks.schema));
  }
  auto world = std::make_unique<DccWorld>(settings, std::move(pki), std::move(schema));
  if (world->has_pki && settings.signing != Signing::none && world->dcc == nullptr)
    return tl::unexpected(usage_error(fmt::format(
        "{}: holds no XML-signing key of the DCC; without one, say that nothing is signed",
        settings.checks.pki.string())));
  return world;
}

DccWorld::DccWorld(const StubSettings& s, crypto::Pki p, std::optional<duis::SchemaChecker> x)
    : settings(s),
      has_pki(!s.checks.pki.empty()),
      pki(std::move(p)),
      schema(std::move(x)),
      directory(s),
      dcc(signer_of(pki, PartyRole::dcc)),
      s1sp(signer_of(pki, PartyRole::s1sp)),
      guard(s.checks.duplicates == CheckSettings::Duplicates::rising
                ? duis::DuplicateGuard::Order::rising
                : duis::DuplicateGuard::Order::window) {}

std::string DccWorld::verification() const {
  const double share = settings.checks.verify_share;
  if (settings.sink || !has_pki || share <= 0) return "none";
  return share >= 1 ? "all" : fmt::format("{} of all", share);
}

Result<std::unique_ptr<Dcc>> Dcc::make(DccWorld& world, LiveCounts& counts, unsigned thread) {
  S1FLOW_TRY(auto dcc, maker_of(world.dcc));
  S1FLOW_TRY(auto s1sp, maker_of(world.s1sp));
  return std::make_unique<Dcc>(world, duis::ResponseWriter(std::move(dcc), std::move(s1sp)), counts,
                               thread);
}

Dcc::Dcc(DccWorld& world, duis::ResponseWriter writer, LiveCounts& counts, unsigned thread)
    : world_(world),
      settings_(world.settings),
      judge_(world.settings.limits.body),
      writer_(std::move(writer)),
      counts_(counts),
      alerts_made_(std::uint64_t{thread} << 48),
      payload_(kMostPayload) {
  for (std::size_t i = 0; i < payload_.size(); ++i)
    payload_[i] = static_cast<unsigned char>(mix64(i) & 0xFF);
}

OuterSignature Dcc::signature(bool of_response) const {
  const bool is_signed =
      world_.dcc != nullptr && (settings_.signing == Signing::all ||
                                (of_response && settings_.signing == Signing::responses));
  return is_signed ? OuterSignature::yes : OuterSignature::no;
}

bool Dcc::looks_at_signature(std::string_view request) const {
  const double share = settings_.checks.verify_share;
  if (!world_.has_pki || share <= 0) return false;
  if (share >= 1) return true;
  // The RequestID stands in the first bytes.
  const std::uint64_t hash = hash64(request.substr(0, 512), settings_.seed);
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < share;
}

void Dcc::count(const Verdict& verdict) {
  counts_.add(Count::requests_judged);
  counts_.add(verdict.accepted() ? Count::requests_accepted : Count::requests_refused);
  counts_.faults[static_cast<std::size_t>(verdict.fault)].add();
  if (verdict.has_header) counts_.variants[index_of(*verdict.srv)].add();
  if (verdict.signature != crypto::SignatureOutcome::missing) counts_.add(Count::requests_verified);
}

Result<Reply> Dcc::take(DccService service, std::string_view request, UtcTime now,
                        std::vector<Planned>& planned, std::optional<Eui64> peer) {
  duis::TrustView trust;
  trust.peer = peer;
  trust.pki = &world_.pki;
  // By the minute: what is known of signers is looked up anew when the time changes.
  trust.clock = settings_.checks.clock.value_or(UtcTime(std::chrono::floor<std::chrono::minutes>(
      UtcTime::Rep(std::chrono::milliseconds(now.milliseconds_since_epoch())))));
  trust.directory = &world_.directory;
  trust.service = service;
  trust.schema = world_.schema ? &*world_.schema : nullptr;
  trust.verify_signatures = looks_at_signature(request);
  const bool guards = settings_.checks.duplicates != CheckSettings::Duplicates::off;
  const Verdict verdict = judge_.judge(request, trust, guards ? &world_.guard : nullptr);
  count(verdict);
  Reply reply;
  reply.fault = verdict.fault;
  reply.code = verdict.code;
  text_.clear();
  if (!verdict.has_header) {
    counts_.add(Count::requests_unreadable);
    counts_.add(Count::answers_refused);
    counts_.answer_codes[verdict.code.index()].add();
    fmt::format_to(std::back_inserter(text_), "{} {}: {}\n", verdict.code.text(),
                   duis::name_of(verdict.fault), verdict.why);
    reply.status = 400;
    reply.type = "text/plain";
    reply.body = text_;
    return reply;
  }
  reply.id = verdict.id;
  const VariantSettings& how = settings_.variants[index_of(*verdict.srv)];
  Random random(settings_.seed ^ verdict.id.originator.value(),
                verdict.id.counter * 2 + (verdict.signed_pre_command ? 1 : 0));
  draw_spoil(settings_.faults, random, reply);
  const bool asynchronous = service == DccService::send_command;
  reply.after = (asynchronous ? how.ack : how.synchronous).draw(random);
  if (!verdict.accepted()) {
    counts_.add(Count::answers_refused);
    S1FLOW_TRY_VOID(refuse(verdict, verdict.code, now));
  } else {
    const ResponseCode error = draw_error(how, random);
    if (error != response_code::kI0 && (!asynchronous || is_told_at_once(error))) {
      counts_.add(Count::answers_refused_on_purpose);
      reply.code = error;
      S1FLOW_TRY_VOID(refuse(verdict, error, now));
    } else {
      const auto device = Eui64::parse(text_of(request, "DeviceID"));
      S1FLOW_TRY_VOID(answer(verdict, request, now, planned));
      Nanoseconds response{0};
      if (asynchronous) {
        response = how.response.draw(random);
        plan_responses(verdict, error, response, now, planned, random);
      }
      if (error == response_code::kI0)
        plan_alerts(verdict, device.value_or(verdict.id.target), response, planned, random);
    }
  }
  counts_.answer_codes[reply.code.index()].add();
  reply.body = text_;
  return reply;
}

Status Dcc::refuse(const Verdict& verdict, ResponseCode code, UtcTime now) {
  return writer_.append_acknowledgement(text_, verdict.id, *verdict.srv, code, now,
                                        signature(false));
}

Status Dcc::answer(const Verdict& verdict, std::string_view request, UtcTime now,
                   std::vector<Planned>& planned) {
  if (verdict.code == response_code::kI99) {
    counts_.add(Count::answers_acknowledged);
    return refuse(verdict, response_code::kI99, now);
  }
  counts_.add(Count::answers_synchronous);
  const duis::ResponseHeader header{verdict.id, std::nullopt, response_code::kI0, now};
  return writer_.append_response(text_, header, *verdict.srv,
                                 synchronous_payload(verdict, request, planned), signature(true));
}

duis::ResponsePayload Dcc::synchronous_payload(const Verdict& verdict, std::string_view request,
                                               std::vector<Planned>& planned) {
  const ServiceReferenceVariant& srv = *verdict.srv;
  if (verdict.command_variant == 4)
    return duis::PreCommandPayload{kGbcsVersion, gbcs_of(srv, verdict.id.counter)};
  if (verdict.command_variant == 2 || verdict.command_variant == 6)
    return duis::LocalCommandPayload{gbcs_of(srv, verdict.id.counter)};
  const auto device = Eui64::parse(text_of(request, "DeviceID"));
  if (srv.variant == "8.2") {
    inventory_.clear();
    const Eui64 asked = device.value_or(verdict.id.target);
    const auto known = settings_.devices.find(asked.value());
    const auto type = known == settings_.devices.end() ? std::nullopt : known->second.type;
    inventory_.push_back({asked, type.value_or(DeviceType::esme), "Commissioned", {}, {}});
    return duis::InventoryPayload{inventory_};
  }
  if (srv.variant == "5.1") {
    const std::uint64_t id = world_.schedules.create(device.value_or(Eui64()));
    const ServiceReferenceVariant* const subject =
        find_srv(text_of(request, "DSPScheduledServiceReferenceVariant"));
    if (settings_.schedules.times > 0 && subject != nullptr)
      planned.push_back({.after = settings_.schedules.every,
                         .request = verdict.id,
                         .user = verdict.id.originator,
                         .srv = subject,
                         .schedule = id,
                         .left = settings_.schedules.times,
                         .kind = Planned::Kind::scheduled});
    return duis::ScheduleIdPayload{id};
  }
  if (srv.variant == "5.3" && device) {
    const std::string_view id = text_of(request, "DSPScheduleID");
    world_.schedules.remove(*device, parse_decimal(id).value_or(0));
  }
  return duis::NoPayload{};
}

void Dcc::plan_responses(const Verdict& verdict, ResponseCode code, Nanoseconds response,
                         UtcTime now, std::vector<Planned>& planned, Random& random) {
  Nanoseconds wait{0};
  if (verdict.execution) {
    const auto left = std::chrono::milliseconds(verdict.execution->milliseconds_since_epoch() -
                                                now.milliseconds_since_epoch());
    wait =
        settings_.execution_after.count() >= 0
            ? settings_.execution_after
            : std::max(
                  Nanoseconds(0),
                  Nanoseconds(std::min(left, std::chrono::milliseconds(std::chrono::hours(8760)))));
  }
  const bool at_device = verdict.srv->modes.has(Mode::future_dated_device);
  Planned later{.after = at_device ? response : wait + response,
                .request = verdict.id,
                .user = verdict.id.originator,
                .srv = verdict.srv,
                .code = code};
  const bool withheld = random.chance(settings_.faults.withhold);
  const bool beside = random.chance(settings_.faults.unknown);
  if (withheld) {
    counts_.add(Count::messages_planned);
    counts_.add(Count::messages_withheld);
  } else {
    planned.push_back(later);
  }
  if (verdict.execution && at_device && code == response_code::kI0) {
    later.kind = Planned::Kind::future_dated;
    later.after = wait + response;
    planned.push_back(later);
  }
  if (beside) {
    later.kind = Planned::Kind::unknown;
    later.after = response;
    later.code = {};
    planned.push_back(later);
  }
}

void Dcc::plan_alerts(const Verdict& verdict, Eui64 device, Nanoseconds after,
                      std::vector<Planned>& planned, Random& random) {
  // A Pre-Command has changed nothing yet.
  if (verdict.command_variant == 4) return;
  const std::size_t variant = index_of(*verdict.srv);
  for (const AlertRule& rule : settings_.alerts)
    if (rule.after.test(variant) && random.chance(rule.share))
      planned.push_back({.after = after + rule.delay.draw(random),
                         .request = verdict.id,
                         .device = device,
                         .user = verdict.id.originator,
                         .alert = rule.code,
                         .kind = Planned::Kind::alert});
}

std::span<const unsigned char> Dcc::gbcs_of(const ServiceReferenceVariant& srv,
                                            std::uint64_t counter) const {
  constexpr std::size_t kUsual = 115;  // the median of public samples
  std::size_t size = kUsual;
  if (srv.response_bytes.least > kEnvelope) {
    const std::uint64_t spread = srv.response_bytes.most - srv.response_bytes.least + 1;
    size = (srv.response_bytes.least - kEnvelope + mix64(counter) % spread) * 3 / 4;
  }
  return std::span(payload_).first(std::clamp<std::size_t>(size, 1, kMostPayload));
}

Result<std::string_view> Dcc::make(const Planned& p, UtcTime now) {
  text_.clear();
  const OuterSignature sign = signature(true);
  if (p.kind == Planned::Kind::alert) {
    const duis::MessageId id{p.request.target.empty() ? p.device : p.request.target, p.user,
                             ++alerts_made_};
    duis::AlertHeader header{id, now, std::nullopt};
    if (p.sequence != 0) header.throttling = duis::Throttling{p.sequence, p.stands_for};
    if (p.alert.dcc) {
      const duis::DccAlertSubject subject{p.device, p.request.target, p.request, {}, now};
      S1FLOW_TRY_VOID(writer_.append_dcc_alert(text_, header, *p.alert.dcc, subject, sign));
    } else {
      const duis::DeviceAlert alert{p.alert.device, std::span(payload_).first(145)};
      S1FLOW_TRY_VOID(writer_.append_device_alert(text_, header, alert, sign));
    }
    return text_;
  }
  duis::MessageId request = p.request;
  if (p.kind == Planned::Kind::unknown) request.counter = ~request.counter;
  const duis::ResponseHeader header{request, request.answered(), p.code, now};
  duis::ResponsePayload payload = duis::NoPayload{};
  const auto bytes = gbcs_of(*p.srv, request.counter);
  if (p.kind == Planned::Kind::scheduled)
    payload = duis::ScheduledPayload{bytes, p.schedule};
  else if (p.kind == Planned::Kind::future_dated)
    payload = duis::FutureDatedAlertPayload{true, bytes, 1, 1};
  else if (p.code.is_success() || p.code.is_warning())
    payload = duis::GbcsPayload{bytes};
  S1FLOW_TRY_VOID(writer_.append_response(text_, header, *p.srv, payload, sign));
  return text_;
}

MessageLabel Dcc::label_of(const Planned& p) const {
  if (p.kind == Planned::Kind::unknown)
    return {MessageLabel::Kind::unknown, static_cast<std::uint16_t>(p.code.index()), 1};
  if (p.kind != Planned::Kind::alert)
    return {MessageLabel::Kind::response, static_cast<std::uint16_t>(p.code.index()), 1};
  if (p.alert.dcc)
    return {MessageLabel::Kind::dcc_alert, static_cast<std::uint16_t>(p.alert.dcc->index()),
            p.stands_for};
  return {MessageLabel::Kind::device_alert, p.alert.device_place, p.stands_for};
}

}  // namespace s1flow::loadgen::stub
