// RequestTemplate of codecs/duis/request.h: from the text of a template to constant pieces and
// slots.

#include <array>
#include <utility>

#include "codecs/crypto/element_shape.h"
#include "codecs/crypto/small_xml.h"
#include "codecs/duis/names.h"
#include "codecs/duis/request_content.h"
#include "codecs/duis/shipped_templates.h"

namespace s1flow::codecs::duis {
namespace {

using crypto::ElementShape;
using crypto::SmallXml;

constexpr std::size_t kMostTemplate = 16UL << 20;
constexpr std::string_view kExecutionElement =
    "<sr:ExecutionDateTime>{execution}</sr:ExecutionDateTime>";
constexpr std::string_view kCommandVariantMark = "{command-variant}";

struct Mark {
  std::string_view name;
  Slot slot;
};
constexpr std::array<Mark, 6> kMarks{{{"request-id", Slot::request_id},
                                      {"device", Slot::device},
                                      {"execution", Slot::execution},
                                      {"execution!", Slot::execution},
                                      {"from", Slot::from},
                                      {"until", Slot::until}}};

Error fault(const ServiceReferenceVariant& srv, std::string_view why) {
  return usage_error("template of SRV " + std::string(srv.variant) + ": " + std::string(why));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Without comments and without white space between tags: people's layout, not the message's.
Result<std::string> compacted(std::string_view xml, const ServiceReferenceVariant& srv) {
  std::string out;
  out.reserve(xml.size());
  while (!xml.empty()) {
    if (xml.starts_with("<!--")) {
      const std::size_t end = xml.find("-->");
      if (end == std::string_view::npos) return tl::unexpected(fault(srv, "a comment has no end"));
      xml.remove_prefix(end + 3);
      continue;
    }
    const std::size_t next = xml.find('<', xml.front() == '<' ? 1 : 0);
    std::string_view part = xml.substr(0, next);
    xml.remove_prefix(part.size());
    const std::size_t tag_end = part.rfind('>');
    const std::string_view text =
        tag_end == std::string_view::npos ? part : part.substr(tag_end + 1);
    if (is_blank(text)) part.remove_suffix(text.size());
    out += part;
  }
  return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

Status check_shape(const SmallXml& xml, const ServiceReferenceVariant& srv,
                   std::string_view command_variant) {
  const ElementShape shape(xml);
  constexpr std::array<std::string_view, 2> kParts{"Header", "Body"};
  constexpr std::array<std::string_view, 4> kHeader{"RequestID", "CommandVariant",
                                                    "ServiceReference", "ServiceReferenceVariant"};
  std::array<const SmallXml::Node*, 2> parts{};
  std::array<const SmallXml::Node*, 4> header{};
  if (!ElementShape::is(xml.root(), kServiceUserNamespace, "Request") ||
      xml.root().prefix != "sr" || !shape.only_attribute(xml.root(), "schemaVersion") ||
      !shape.children(xml.root(), kServiceUserNamespace, kParts, parts) ||
      !shape.children(*parts[0], kServiceUserNamespace, kHeader, header))
    return tl::unexpected(fault(srv, "it must be an sr:Request with a plain Header and a Body"));
  if (shape.text(*header[0]) != "{request-id}" || shape.text(*header[1]) != command_variant ||
      shape.text(*header[2]) != srv.reference || shape.text(*header[3]) != srv.variant)
    return tl::unexpected(
        fault(srv, "its Header must have the marks and the variant's own references"));
  if (shape.only_child(*parts[1], kServiceUserNamespace, srv.body) == nullptr)
    return tl::unexpected(fault(srv, "its Body must hold " + std::string(srv.body)));
  return {};
}

Status check_canonical(const std::string& text, const ServiceReferenceVariant& srv,
                       std::string_view command_variant) {
  SmallXml xml;
  if (const auto why = xml.read(text, {}, kMostTemplate); why != crypto::XmlFault::none)
    return tl::unexpected(fault(srv, crypto::text_of(why)));
  S1FLOW_TRY_VOID(check_shape(xml, srv, command_variant));
  std::string canonical;
  xml.append_exclusive_c14n(xml.root(), canonical);
  // The exclusive form leaves unused declarations out and the inclusive one, which is digested,
  // keeps them: where the text equals the first, it equals both.
  if (canonical != text)
    return tl::unexpected(fault(srv, "it must be written as Canonical XML has it"));
  return {};
}

Status cut_at_marks(std::string_view text, RequestTemplate::Content& content) {
  text.remove_suffix(kRequestClose.size());
  while (true) {
    const std::size_t open = text.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const Mark* found = nullptr;
    for (const Mark& mark : kMarks)
      if (close != std::string_view::npos && mark.name == name) found = &mark;
    if (found == nullptr)
      return tl::unexpected(
          fault(*content.srv, "there is no mark {" + std::string(name.substr(0, 40)) + "}"));
    content.pieces.push_back({std::string(text.substr(0, open)), found->slot});
    text.remove_prefix(close + 1);
  }
  content.after = text;
  return {};
}

bool has_slot(const RequestTemplate::Content& content, Slot slot) {
  for (const auto& piece : content.pieces)
    if (piece.slot == slot) return true;
  return false;
}

}  // namespace

RequestTemplate::RequestTemplate(std::shared_ptr<const Content> content)
    : content_(std::move(content)) {}

Result<RequestTemplate> RequestTemplate::shipped(const ServiceReferenceVariant& srv,
                                                 const RequestOptions& options) {
  for (const EmbeddedFile& file : shipped_request_templates())
    if (file.path.substr(0, file.path.rfind('.')) == srv.variant)
      return compile(file.bytes, srv, options);
  return tl::unexpected(internal_error("there is no template of SRV " + std::string(srv.variant)));
}

Result<RequestTemplate> RequestTemplate::compile(std::string_view xml,
                                                 const ServiceReferenceVariant& srv,
                                                 const RequestOptions& options) {
  auto content = std::make_shared<Content>();
  content->srv = &srv;
  content->command_variant =
      options.command_variant == 0 ? srv.first_command_variant() : options.command_variant;
  if (!srv.command_variants.has(content->command_variant))
    return tl::unexpected(usage_error("SRV " + std::string(srv.variant) +
                                      " does not allow Command Variant " +
                                      std::to_string(content->command_variant)));
  if (srv.critical && content->command_variant != 4)
    return tl::unexpected(usage_error(
        "Command Variant " + std::to_string(content->command_variant) +
        " is a Signed Pre-Command, which is made from the answer to Command Variant 4"));
  S1FLOW_TRY(std::string text, compacted(xml, srv));
  const std::string command_variant = std::to_string(content->command_variant);
  replace_all(text, kCommandVariantMark, command_variant);
  if (options.dating == Dating::on_demand)
    replace_all(text, kExecutionElement, {});
  else if (!srv.future_datable() || text.find("{execution") == std::string::npos)
    return tl::unexpected(
        usage_error("SRV " + std::string(srv.variant) + " cannot be future-dated"));
  S1FLOW_TRY_VOID(check_canonical(text, srv, command_variant));
  S1FLOW_TRY_VOID(cut_at_marks(text, *content));
  return RequestTemplate(std::move(content));
}

const ServiceReferenceVariant& RequestTemplate::srv() const {
  return *content_->srv;
}
unsigned RequestTemplate::command_variant() const {
  return content_->command_variant;
}
DccService RequestTemplate::service() const {
  return *service_of(content_->command_variant);
}
bool RequestTemplate::names_device() const {
  return has_slot(*content_, Slot::device);
}
bool RequestTemplate::names_execution() const {
  return has_slot(*content_, Slot::execution);
}
bool RequestTemplate::names_period() const {
  return has_slot(*content_, Slot::from) || has_slot(*content_, Slot::until);
}

}  // namespace s1flow::codecs::duis
