#pragma once
// Layouts and schemas from texts, for tests of the layout loader.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "codecs/layout/layout.h"

namespace s1flow::codecs {

class TextSource final : public SchemaSource {
 public:
  explicit TextSource(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  Result<std::string> read(const std::string& path) const override {
    const auto it = files_.find(path);
    if (it == files_.end()) return tl::unexpected(usage_error(path + ": there is no such file"));
    return it->second;
  }
  Result<std::vector<std::string>> list(std::string_view suffix) const override {
    std::vector<std::string> paths;
    for (const auto& [path, text] : files_)
      if (path.ends_with(suffix)) paths.push_back(path);
    return paths;
  }
  std::string name() const override { return "texts"; }

 private:
  std::map<std::string, std::string> files_;
};

inline Result<std::shared_ptr<const Layout>> layout_of(const std::string& toml,
                                                       const std::string& xsd = {}) {
  return load_layout(std::make_shared<TextSource>(std::map<std::string, std::string>{
                         {"layouts/x/1.toml", toml}, {"xsd/x.xsd", xsd}}),
                     "layouts/x/1.toml");
}

}  // namespace s1flow::codecs
