#pragma once
// Requests from bodies as they are given, mixed by weight. "{{number}}" in a body stands for the
// request's number in 20 digits, patched in place, so that every body can be unique at no cost.

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "loadgen/request_source.h"

namespace s1flow::loadgen {

struct TemplateClass {
  std::string name = "request";
  double weight = 1;
  std::string method = "POST";
  std::string path = "/";
  std::vector<std::string> headers;  // "Name: value", beside Host and Content-Length
  std::string body;
  Nanoseconds target{0};  // target response time; zero: none
};

// Refuses headers with line ends or without a colon, those that the source writes itself, weights
// that are not positive, and names that are no tags.
[[nodiscard]] Result<std::unique_ptr<RequestSource>> make_template_source(
    const std::string& authority, const std::vector<TemplateClass>& classes, std::uint64_t seed);

}  // namespace s1flow::loadgen
