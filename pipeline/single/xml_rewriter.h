#pragma once
// XmlRewriter: copies an XML document byte for byte while it is read, apart from the places that a
// derived class leaves out or puts something into. What comes out is read once more on its way, so
// that nothing that is not well-formed is ever called done. Streaming; not thread-safe.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/rules.h"
#include "codecs/xml/document_reader.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::pipeline {

class XmlRewriter : public codecs::XmlDocumentHandler {
 public:
  // Faults of the document, or those that the derived class added; none: all has been written.
  [[nodiscard]] Result<std::vector<codecs::Fault>> run(
      const Path& path, const ByteSink& sink,
      const std::function<void(std::uint64_t)>& progress = {});

  void start_element(const codecs::XmlStart& e) final;
  void end_element(const codecs::XmlEnd& e) final;
  void text(std::string_view text) final;

 protected:
  // What is before e.byte, or before e.end, has been copied when these are called, unless holding.
  virtual void on_start(const codecs::XmlStart& e) = 0;
  virtual void on_end(const codecs::XmlEnd& e) = 0;
  virtual void on_text(std::string_view) {}
  // Called once the document has been read without faults.
  virtual void on_finish() {}

  // Bytes from `offset` on are kept back from here; what stood before goes out.
  void hold(std::uint64_t offset);
  // What has been held back up to `end` is at hand, then goes out or is left out.
  [[nodiscard]] std::string_view held(std::uint64_t end) const;
  void copy_to(std::uint64_t end);
  void skip_to(std::uint64_t end);
  // Writes something of our own at the place reached.
  void insert(std::string_view text);
  // Puts `text` before the end tag of the element that has just ended and was held since before
  // that tag; an empty-element tag is opened for it.
  void insert_before_end(const codecs::XmlEnd& e, std::string_view text);
  // Ends the work.
  void fail(Error error);
  void refuse(codecs::Fault fault);
  [[nodiscard]] codecs::XmlDocumentReader& reader() { return *reader_; }
  [[nodiscard]] bool holding() const { return holding_; }

 private:
  class Witness final : public codecs::XmlDocumentHandler {};
  codecs::XmlDocumentReader* reader_ = nullptr;
  codecs::XmlDocumentReader* judge_ = nullptr;
  const ByteSink* sink_ = nullptr;
  std::uint64_t copied_ = 0;
  bool holding_ = false;
  std::optional<Error> error_;
  std::vector<codecs::Fault> faults_;
};

}  // namespace s1flow::pipeline
