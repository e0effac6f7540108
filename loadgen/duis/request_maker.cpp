#include "loadgen/duis/request_maker.h"

#include <fmt/format.h>

#include "codecs/duis/message.h"
#include "core/text.h"

namespace s1flow::loadgen {

namespace duis = codecs::duis;

RequestMaker::RequestMaker(std::shared_ptr<const RequestPlan> plan)
    : plan_(std::move(plan)),
      signers_(plan_->batch().identities.size()),
      prepared_(plan_->settings().kinds.size() * signers_.size()) {}

Result<duis::RequestSigner*> RequestMaker::signer(std::uint32_t identity) {
  auto& slot = signers_[identity];
  if (!slot) {
    const codecs::crypto::PkiEntry& entry = *plan_->batch().identities[identity].entry;
    S1FLOW_TRY(duis::RequestSigner made, duis::RequestSigner::make(entry.certificate, entry.key()));
    slot = std::make_unique<duis::RequestSigner>(std::move(made));
  }
  return slot.get();
}

Result<RequestMaker::Made> RequestMaker::make(std::uint64_t number, std::string& to) {
  const RequestPlan::Choice choice = plan_->choose(number);
  auto& prepared = prepared_[choice.kind * signers_.size() + choice.identity];
  if (!prepared) {
    S1FLOW_TRY(duis::RequestSigner * by, signer(choice.identity));
    prepared = std::make_unique<duis::PreparedRequest>(plan_->form(choice.kind), *by);
  }
  S1FLOW_TRY(const std::string_view body, prepared->make(choice.values));
  to.assign(plan_->head(choice.kind));
  fmt::format_to(std::back_inserter(to), "{}\r\n\r\n", body.size());
  to.append(body);
  const duis::MessageId& id = choice.values.id;
  return Made{choice.class_index,
              {id.originator.value(), id.target.value(), id.counter},
              plan_->tls_identity(choice.identity)};
}

Status RequestMaker::make_second(const JoinKey& key, std::string_view reply, std::string& to) {
  duis::MessageReader reader;
  duis::Message message;
  if (!duis::scan_message(reply, message) && reader.read(reply, message) != duis::ReadOutcome::ok)
    return tl::unexpected(usage_error("the answer of Transform cannot be read"));
  if (message.payload != duis::Payload::pre_command)
    return tl::unexpected(usage_error("the answer of Transform has no Pre-Command"));
  const auto gbcs = decode_base64(message.gbcs_payload);
  if (!gbcs || gbcs->empty()) return tl::unexpected(usage_error("the Pre-Command is not base64"));
  const RequestPlan::Choice choice = plan_->choose(plan_->number_of(key));
  S1FLOW_TRY(duis::RequestSigner * by, signer(choice.identity));
  second_.clear();
  const auto* bytes = reinterpret_cast<const unsigned char*>(gbcs->data());
  const RequestKind& kind = plan_->settings().kinds[choice.kind];
  S1FLOW_TRY_VOID(duis::append_signed_pre_command(
      second_, *by, *kind.srv, choice.values, {bytes, gbcs->size()},
      {.command_variant = 5,
       .dating = kind.future_dated ? duis::Dating::future_dated : duis::Dating::on_demand}));
  to.assign(plan_->send_command_head());
  fmt::format_to(std::back_inserter(to), "{}\r\n\r\n", second_.size());
  to += second_;
  return {};
}

}  // namespace s1flow::loadgen
