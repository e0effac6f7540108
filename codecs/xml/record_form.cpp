#include "codecs/xml/record_form.h"

#include <algorithm>
#include <cstring>

#include "codecs/xml/c14n.h"
#include "codecs/xml/document_reader.h"

namespace s1flow::codecs {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

template <typename Bindings>
std::string_view uri_of(const Bindings& bindings, std::string_view prefix) {
  for (std::size_t i = bindings.size(); i-- > 0;)
    if (bindings[i].prefix == prefix) return bindings[i].uri;
  return {};
}

// What a canonical attribute says, whose references have names.
void append_unescaped(std::string& out, std::string_view written) {
  static constexpr std::pair<std::string_view, char> kReferences[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&quot;", '"'}};
  while (!written.empty()) {
    const auto* reference =
        std::find_if(std::begin(kReferences), std::end(kReferences),
                     [&](const auto& r) { return written.starts_with(r.first); });
    const bool known = reference != std::end(kReferences);
    out.push_back(known ? reference->second : written.front());
    written.remove_prefix(known ? reference->first.size() : 1);
  }
}

}  // namespace

// ---- canonical bytes: no comments, CDATA, instructions or empty-element tags; '<' begins a tag;
// attributes stand in order, declarations before the others.

void RecordForm::read_canonical(const RecordElement& record, std::string_view signature) {
  form_.clear();
  id_.reset();
  scope_.clear();
  rendered_.clear();
  open_.clear();
  for (const auto& [prefix, uri] : *record.scope) scope_.push_back({prefix, uri});
  const char* at = record.bytes.data();
  const char* const end = at + record.bytes.size();
  const char* copied = at;
  while (true) {
    at = static_cast<const char*>(std::memchr(at, '<', static_cast<std::size_t>(end - at)));
    if (at == nullptr) break;
    if (!signature.empty() && at == signature.data()) {
      form_.append(copied, at);
      copied = at = at + signature.size();
    } else if (at[1] == '/') {
      scope_.resize(open_.back().scope);
      rendered_.resize(open_.back().rendered);
      open_.pop_back();
      at += 2;
    } else {
      at = start_tag(at, copied);
    }
  }
  form_.append(copied, end);
}

void RecordForm::show(std::string_view prefix) {
  if (prefix == "xml") return;
  const std::string_view uri = uri_of(scope_, prefix);
  const auto is_it = [&](const Binding& b) { return b.prefix == prefix; };
  if (uri_of(rendered_, prefix) == uri || std::any_of(fresh_.begin(), fresh_.end(), is_it)) return;
  fresh_.push_back({prefix, uri});
}

// At a '<'; returns the place after the tag. What stands before `copied` is in the form.
const char* RecordForm::start_tag(const char* at, const char*& copied) {
  open_.push_back({scope_.size(), rendered_.size()});
  const bool is_record = open_.size() == 1;
  fresh_.clear();
  const char* const name = at + 1;
  const char* const name_end = name + std::strcspn(name, " >");
  const char* own = name_end;  // where attributes other than declarations begin
  std::string_view prefix_of_name;
  if (const auto* colon = static_cast<const char*>(
          std::memchr(name, ':', static_cast<std::size_t>(name_end - name))))
    prefix_of_name = between(name, colon);
  // Declarations first: they hold for the names beside them.
  at = name_end;
  while (*at == ' ') {
    const char* const attribute = at + 1;
    const char* const equals = std::strchr(attribute, '=');
    const char* const value = equals + 2;
    const char* const close = std::strchr(value, '"');
    const std::string_view written = between(attribute, equals);
    at = close + 1;
    if (written == "xmlns" || written.starts_with("xmlns:")) {
      scope_.push_back(
          {written.substr(std::min<std::size_t>(written.size(), 6)), between(value, close)});
      own = at;
    } else if (const std::size_t colon = written.find(':'); colon != std::string_view::npos) {
      show(written.substr(0, colon));
    } else if (is_record && written == id_name_) {
      id_ = between(value, close);
      if (id_->find('&') != std::string_view::npos) {
        id_text_.clear();
        append_unescaped(id_text_, *id_);
        id_ = id_text_;
      }
    }
  }
  show(prefix_of_name);
  ++at;
  if (own == name_end && fresh_.empty()) return at;
  form_.append(copied, name_end);
  copied = own;
  std::sort(fresh_.begin(), fresh_.end(),
            [](const Binding& a, const Binding& b) { return a.prefix < b.prefix; });
  for (const Binding& b : fresh_) {
    form_ += b.prefix.empty() ? " xmlns" : " xmlns:";
    form_.append(b.prefix).append("=\"");
    append_c14n_attribute(form_, b.uri);
    form_ += '"';
    rendered_.push_back(b);
  }
  return at;
}

// ---- any bytes

// Writes what stands inside the outermost element, but for the signature.
class RecordForm::Events final : public XmlDocumentHandler {
 public:
  Events(RecordForm& form, std::uint64_t signature) : form_(form), signature_(signature) {
    writer_.start(&form.form_, C14nForm::exclusive);
  }

  void start_element(const XmlStart& e) override {
    if (e.depth == 0) return;
    if (e.depth == 1)
      for (const XmlAttribute& a : e.attributes)
        if (a.ns.empty() && a.local == form_.id_name_) {
          form_.id_text_ = a.value;
          form_.id_ = form_.id_text_;
        }
    if (e.byte == signature_) skipped_depth_ = e.depth;
    if (skipped_depth_ == 0)
      writer_.start_element(e.prefix, e.local, e.declared, e.attributes, e.ns);
  }
  void end_element(const XmlEnd& e) override {
    if (e.depth == 0) return;
    if (skipped_depth_ == 0) writer_.end_element(e.prefix, e.local);
    if (skipped_depth_ == e.depth) skipped_depth_ = 0;
  }
  void text(std::string_view text) override {
    if (skipped_depth_ == 0) writer_.text(text);
  }
  void processing_instruction(std::string_view target, std::string_view data) override {
    if (skipped_depth_ == 0) writer_.processing_instruction(target, data);
  }

 private:
  RecordForm& form_;
  std::uint64_t signature_;
  std::size_t skipped_depth_ = 0;
  C14nWriter writer_;
};

bool RecordForm::read_any(const RecordElement& record, std::string_view signature) {
  form_.clear();
  id_.reset();
  // An element around it has the declarations that are in force.
  wrapped_ = "<w";
  const NamespaceScope& scope = *record.scope;
  for (auto d = scope.begin(); d != scope.end(); ++d) {
    const bool hidden = std::any_of(std::next(d), scope.end(),
                                    [&](const auto& inner) { return inner.first == d->first; });
    if (hidden || d->first == "xml" || d->second.empty()) continue;
    wrapped_ += d->first.empty() ? " xmlns" : " xmlns:";
    wrapped_.append(d->first).append("=\"");
    append_c14n_attribute(wrapped_, d->second);
    wrapped_ += '"';
  }
  wrapped_ += '>';
  const std::uint64_t begin = wrapped_.size();
  wrapped_.append(record.bytes).append("</w>");
  Events events(*this, signature.empty() ? 0
                                         : begin + static_cast<std::uint64_t>(signature.data() -
                                                                              record.bytes.data()));
  XmlDocumentReader reader(events);
  return reader.feed(wrapped_) && reader.finish();
}

}  // namespace s1flow::codecs
