// Pattern against libxml2's regular expressions, at the time when it is compiled.

#include <algorithm>
#include <memory>

#include <libxml/xmlerror.h>
#include <libxml/xmlregexp.h>

#include "codecs/xml/compiled/pattern.h"
#include "codecs/xml/library.h"

namespace s1flow::codecs {
namespace {

constexpr int kSamples = 40;
constexpr std::size_t kLongestSample = 200;

const xmlChar* bytes_of(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

void keep_quiet(void*, xmlErrorPtr) {}

struct RegexpFree {
  void operator()(xmlRegexp* r) const { xmlRegFreeRegexp(r); }
};

}  // namespace

std::optional<std::string> Pattern::sample(Random& random) const {
  // Bytes by class: a state refuses all of a class or none.
  std::vector<std::string> of_class(class_count_);
  for (std::size_t byte = 0; byte < classes_.size(); ++byte)
    of_class[classes_[byte]] += static_cast<char>(byte);
  std::string text;
  std::size_t state = 1;
  while (text.size() < kLongestSample) {
    if (accepting_[state] && random.chance(0.2)) return text;
    const std::uint16_t* const next = next_.data() + state * class_count_;
    std::size_t count = 0;
    for (std::size_t c = 0; c < class_count_; ++c) count += next[c] != 0 ? of_class[c].size() : 0;
    if (count == 0) break;
    std::size_t choice = random.below(count);
    for (std::size_t c = 0; c < class_count_; ++c) {
      if (next[c] == 0) continue;
      if (choice < of_class[c].size()) {
        text += of_class[c][choice];
        state = next[c];
        break;
      }
      choice -= of_class[c].size();
    }
  }
  return accepting_[state] ? std::optional(std::move(text)) : std::nullopt;
}

bool Pattern::libxml2_agrees(std::span<const std::string> alternatives) const {
  prepare_libxml2();
  // Whoever reads a document at this moment gets its errors afterwards as before.
  const xmlStructuredErrorFunc handler = xmlStructuredError;
  void* const context = xmlStructuredErrorContext;
  xmlSetStructuredErrorFunc(nullptr, keep_quiet);
  std::vector<std::unique_ptr<xmlRegexp, RegexpFree>> regexps;
  for (const std::string& text : alternatives)
    regexps.emplace_back(xmlRegexpCompile(bytes_of(text)));
  xmlSetStructuredErrorFunc(context, handler);
  if (std::any_of(regexps.begin(), regexps.end(), [](const auto& r) { return r == nullptr; }))
    return false;
  Random random(1);
  for (int i = 0; i < kSamples; ++i) {
    const auto text = sample(random);
    // What is no character of XML never comes to be matched.
    if (!text || std::any_of(text->begin(), text->end(), [](char c) {
          return static_cast<signed char>(c) < ' ' && c != '\t' && c != '\n';
        }))
      continue;
    if (std::none_of(regexps.begin(), regexps.end(),
                     [&](const auto& r) { return xmlRegexpExec(r.get(), bytes_of(*text)) == 1; }))
      return false;
  }
  return true;
}

}  // namespace s1flow::codecs
