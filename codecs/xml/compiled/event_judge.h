#pragma once
// EventJudge: asks XmlTables whether a document is certainly valid, from parser events instead of
// bytes. So a document that is valid but not canonical needs libxml2 as its parser only, and not
// its schema engine, which costs several times as much. As soon as there is a doubt the answer is
// no, and the engine has to be asked, for its verdict and its words. Not thread-safe; one per
// worker, reused.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/xml/c14n.h"
#include "codecs/xml/compiled/tables.h"

namespace s1flow::codecs {

class EventJudge {
 public:
  explicit EventJudge(std::shared_ptr<const XmlTables> tables)
      : tables_(std::move(tables)), known_(tables_->states.size()) {}

  void begin();
  // Names are views into memory that stays as it is while this lives: one that was seen before at
  // the same address is not read again.
  void start(std::string_view local, std::string_view ns,
             const std::vector<XmlAttribute>& attributes);
  void text(std::string_view piece);
  // A CDATA section where only white space may stand is left to the engine.
  void cdata(std::string_view piece);
  void end();
  // Whether what came so far is certainly valid, apart from what is still open.
  [[nodiscard]] bool certain() const { return certain_; }

 private:
  struct Frame {
    std::uint32_t element, state;
  };
  [[nodiscard]] bool open(std::uint32_t index, const std::vector<XmlAttribute>& attributes);
  [[nodiscard]] bool attributes_fit(const XmlTables::Element& element,
                                    const std::vector<XmlAttribute>& attributes);
  // `value` is left as it was.
  [[nodiscard]] bool fits(std::uint32_t type, std::string& value) const;
  // Null: none.
  [[nodiscard]] const XmlTables::Edge* edge_for(std::uint32_t state, std::string_view local,
                                                std::string_view ns);

  // A name that leads on from a state.
  struct Known {
    const char* local;
    const char* ns;
    const XmlTables::Edge* edge;
  };

  std::shared_ptr<const XmlTables> tables_;
  std::vector<std::vector<Known>> known_;  // by state
  bool certain_ = false;
  std::vector<Frame> frames_;
  std::size_t skipped_ = 0;  // open elements that a wildcard skips
  std::string text_;
  std::string value_;  // of an attribute
};

}  // namespace s1flow::codecs
