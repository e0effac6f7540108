// SignatureReader of codecs/crypto/xmldsig.h.

#include <array>
#include <span>

#include "codecs/crypto/element_shape.h"
#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmldsig.h"

namespace s1flow::codecs::crypto {
namespace {

using Node = SmallXml::Node;

constexpr std::size_t kMostTransforms = 8;
using Names = std::array<std::string_view, 3>;
constexpr Names kOfSignature{"SignedInfo", "SignatureValue", "KeyInfo"};
constexpr Names kOfSignedInfo{"CanonicalizationMethod", "SignatureMethod", "Reference"};
constexpr Names kOfReference{"Transforms", "DigestMethod", "DigestValue"};

SignatureReading refuse(std::string_view why) {
  return {SignatureOutcome::wrong_shape, why, 0};
}

// An element whose only content is its Algorithm attribute.
bool read_algorithm(const ElementShape& shape, const Node* element, std::string& algorithm) {
  const auto value = shape.only_attribute(*element, "Algorithm");
  if (!value || !shape.is_blank(*element)) return false;
  algorithm = *value;
  return true;
}

std::string_view read_reference(const ElementShape& shape, const Node& reference,
                                ParsedSignature& out) {
  const auto target = shape.only_attribute(reference, "URI");
  if (!target) return "Reference must have the attribute URI and no other";
  out.reference_uri = *target;
  std::array<const Node*, 3> parts;
  if (!shape.children(reference, uri::kDs, kOfReference, parts))
    return "Reference must hold Transforms, DigestMethod and DigestValue";
  if (!shape.no_attributes(*parts[0])) return "Transforms must have no attribute";
  out.transforms.clear();
  const auto transforms = shape.elements(*parts[0]);
  if (!transforms || transforms->empty() || transforms->size() > kMostTransforms)
    return "Transforms must hold Transform elements only";
  for (const Node* transform : *transforms) {
    out.transforms.emplace_back();
    if (transform->uri != uri::kDs || transform->local != "Transform" ||
        !read_algorithm(shape, transform, out.transforms.back()))
      return "Transform must have the attribute Algorithm and nothing else";
  }
  if (!read_algorithm(shape, parts[1], out.digest_method))
    return "DigestMethod must have the attribute Algorithm and nothing else";
  if (!shape.no_attributes(*parts[2]) || !shape.text(*parts[2], out.digest_value))
    return "DigestValue must hold text only";
  return {};
}

std::string_view read_signed_info(const ElementShape& shape, const Node& signed_info,
                                  ParsedSignature& out) {
  std::array<const Node*, 3> parts;
  if (!shape.no_attributes(signed_info)) return "SignedInfo must have no attribute";
  if (!shape.children(signed_info, uri::kDs, kOfSignedInfo, parts))
    return "SignedInfo must hold CanonicalizationMethod, SignatureMethod and one Reference";
  if (!read_algorithm(shape, parts[0], out.canonicalization_method))
    return "CanonicalizationMethod must have the attribute Algorithm and nothing else";
  if (!read_algorithm(shape, parts[1], out.signature_method))
    return "SignatureMethod must have the attribute Algorithm and nothing else";
  return read_reference(shape, *parts[2], out);
}

std::string_view read_signature(const ElementShape& shape, const Node& root, ParsedSignature& out,
                                const Node*& signed_info) {
  if (root.uri != uri::kDs || root.local != "Signature") return "the element is no Signature";
  if (!shape.no_attributes(root)) return "Signature must have no attribute";
  std::array<const Node*, 3> parts;
  if (!shape.children(root, uri::kDs, kOfSignature, parts))
    return "Signature must hold SignedInfo, SignatureValue and KeyInfo";
  signed_info = parts[0];
  if (const auto why = read_signed_info(shape, *signed_info, out); !why.empty()) return why;
  if (!shape.no_attributes(*parts[1]) || !shape.text(*parts[1], out.signature_value))
    return "SignatureValue must hold text only";
  if (!shape.no_attributes(*parts[2])) return "KeyInfo must have no attribute";
  if (!shape.issuer_serial(*parts[2], out.issuer, out.serial))
    return "KeyInfo must hold X509Data with one X509IssuerSerial and nothing else";
  return {};
}

}  // namespace

SignatureReading SignatureReader::read(std::string_view element, const NamespaceContext& context,
                                       ParsedSignature& out) {
  const XmlFault fault = xml_.read(element, context);
  if (fault != XmlFault::none)
    return {SignatureOutcome::wrong_shape, text_of(fault), xml_.fault_offset()};
  const ElementShape shape(xml_);
  const Node* signed_info = nullptr;
  if (const auto why = read_signature(shape, xml_.root(), out, signed_info); !why.empty())
    return refuse(why);
  out.signed_info.clear();
  xml_.append_exclusive_c14n(*signed_info, out.signed_info);
  return {};
}

}  // namespace s1flow::codecs::crypto
