#pragma once
// The name spaces that libxml2's parser has in force while it reports a start tag, as scopes that
// elements keep. Most elements of a file share one, so the last is handed out again. One thread.

#include <memory>

#include "codecs/xml/chunk_parser.h"

struct _xmlParserCtxt;  // of libxml2

namespace s1flow::codecs {

class ScopesInForce {
 public:
  // With the element's own declarations, which stand in its bytes as well.
  [[nodiscard]] std::shared_ptr<const NamespaceScope> at(const _xmlParserCtxt& parser);
  // Without the element's `own` declarations, and without those that they hide.
  [[nodiscard]] std::shared_ptr<const NamespaceScope> around(const _xmlParserCtxt& parser, int own);
  void forget() { at_.reset(); }

 private:
  std::shared_ptr<const NamespaceScope> at_, around_;
};

}  // namespace s1flow::codecs
