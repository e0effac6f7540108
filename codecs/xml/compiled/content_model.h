#pragma once
// ContentModel: the particle of a complex type as a deterministic automaton over the elements that
// it names. Wildcards are kept apart: those that skip what they match lead on by namespace, all
// others lead nowhere, so that what they would match is left to libxml2. Nothing comes of a model
// that is too large or in which two elements of one name meet.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codecs/xml/schema_model.h"

namespace s1flow::codecs {

struct ContentModel {
  struct Edge {
    std::size_t element;  // into SchemaModel::elements
    std::uint32_t to;
  };
  struct Wildcard {
    std::string ns;
    std::uint32_t to;
  };
  struct State {
    bool accepting = false;
    std::vector<Edge> edges;
    std::vector<Wildcard> wildcards;
  };
  std::vector<State> states;  // [0] is the start

  [[nodiscard]] static std::optional<ContentModel> compile(const SchemaModel& schema,
                                                           const SchemaParticle& particle);
};

}  // namespace s1flow::codecs
