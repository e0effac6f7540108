#pragma once
// Canonical XML 1.0 without comments (https://www.w3.org/TR/2001/REC-xml-c14n-20010315), inclusive
// or exclusive (https://www.w3.org/TR/2002/REC-xml-exc-c14n-20020718/, no inclusive prefixes), as a
// writer that is fed with parser events: no tree. The events of one element come as libxml2's
// SAX2 gives them: prefix, local name, the namespaces declared on it, its attributes with their
// values unescaped.
//
// Output is appended to a std::string that the caller gives and may change between events. Not
// thread-safe; one per worker, reused.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace s1flow::codecs {

struct XmlAttribute {
  std::string_view prefix, local, ns, value;
};
struct XmlNamespace {
  std::string_view prefix, uri;
};

enum class C14nForm : std::uint8_t { inclusive, exclusive };

class C14nWriter {
 public:
  // Forgets all state; `out` receives what follows. Null: state is followed, nothing is written.
  void start(std::string* out, C14nForm form = C14nForm::inclusive);
  // Switches the output without touching the state: a chunk's context is followed silently.
  void redirect(std::string* out) { out_ = out; }

  void start_element(std::string_view prefix, std::string_view local,
                     const std::vector<XmlNamespace>& declared,
                     std::vector<XmlAttribute>& attributes,  // gets sorted
                     std::string_view ns = {});              // its own; the exclusive form asks
  void end_element(std::string_view prefix, std::string_view local);
  // The same in the inclusive form for who knows how the tags begin ("<name") and end ("</name>").
  void start_written(std::string_view tag, const std::vector<XmlNamespace>& declared,
                     std::vector<XmlAttribute>& attributes);
  void end_written(std::string_view tag);
  void text(std::string_view text);
  void processing_instruction(std::string_view target, std::string_view data);
  [[nodiscard]] std::size_t depth() const { return marks_.size(); }

 private:
  struct Rendered {
    std::string prefix, uri;
  };
  [[nodiscard]] std::string_view rendered(std::string_view prefix) const;
  void show(std::string_view prefix, std::string_view uri);
  void show(const std::vector<XmlNamespace>& declared);
  // What `fresh_` holds is in scope from here on.
  void open_scope();
  void close_scope();
  // Namespaces, attributes and the '>'.
  void end_start_tag(std::vector<XmlAttribute>& attributes);

  std::string* out_ = nullptr;
  std::vector<Rendered> scope_;      // namespaces that open elements have rendered, innermost last
  std::vector<std::size_t> marks_;   // size of scope_ at each open element's start
  std::vector<XmlNamespace> fresh_;  // scratch
  C14nForm form_ = C14nForm::inclusive;
  bool root_done_ = false;
};

void append_c14n_text(std::string& out, std::string_view text);
void append_c14n_attribute(std::string& out, std::string_view value);

}  // namespace s1flow::codecs
