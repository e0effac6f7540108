#include "codecs/xml/compiled/content_model.h"

#include <algorithm>
#include <map>

namespace s1flow::codecs {
namespace {

constexpr std::size_t kMostNodes = 4000;
constexpr std::size_t kMostStates = 1000;
constexpr std::size_t kMostInAll = 5;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Node {
  std::size_t element = kNone;  // or one of `namespaces`
  std::vector<std::string> namespaces;
  std::size_t to = kNone;
  std::vector<std::size_t> free;
};

struct Fragment {
  std::size_t first, last;
};

class Expansion {
 public:
  std::vector<Node> nodes;
  bool failed = false;

  Fragment occurrences(const SchemaParticle& p) {
    const std::size_t start = node();
    Fragment whole{start, start};
    if (p.max == 0) return whole;
    for (std::uint32_t i = 0; i < p.min && !failed; ++i) append(whole, p);
    if (p.max == kUnbounded) {
      const std::size_t loop = node();
      link(whole.last, loop);
      const Fragment inner = once(p);
      link(loop, inner.first);
      link(inner.last, loop);
      return {whole.first, loop};
    }
    const std::size_t end = node();
    for (std::uint32_t i = p.min; i < p.max && !failed; ++i) {
      link(whole.last, end);
      append(whole, p);
    }
    link(whole.last, end);
    return {whole.first, end};
  }

 private:
  std::size_t node() {
    if (nodes.size() > kMostNodes) failed = true;
    nodes.emplace_back();
    return nodes.size() - 1;
  }
  void link(std::size_t from, std::size_t to) { nodes[from].free.push_back(to); }
  void append(Fragment& whole, const SchemaParticle& p) {
    const Fragment one = once(p);
    link(whole.last, one.first);
    whole.last = one.last;
  }

  Fragment once(const SchemaParticle& p) {
    const Fragment whole{node(), node()};
    if (failed) return whole;
    switch (p.kind) {
      case SchemaParticle::Kind::element:
        nodes[whole.first].element = p.element;
        nodes[whole.first].to = whole.last;
        break;
      case SchemaParticle::Kind::any:
        if (!p.any_skips) break;
        nodes[whole.first].namespaces = explicit_namespaces(p.any_namespace);
        nodes[whole.first].to = whole.last;
        break;
      case SchemaParticle::Kind::sequence: {
        std::size_t at = whole.first;
        for (const SchemaParticle& c : p.children) {
          const Fragment one = occurrences(c);
          link(at, one.first);
          at = one.last;
        }
        link(at, whole.last);
        break;
      }
      case SchemaParticle::Kind::choice:
        for (const SchemaParticle& c : p.children) {
          const Fragment one = occurrences(c);
          link(whole.first, one.first);
          link(one.last, whole.last);
        }
        break;
      case SchemaParticle::Kind::all: {
        std::vector<bool> used(p.children.size());
        if (p.children.size() > kMostInAll)
          failed = true;
        else
          any_order(p, used, whole.first, whole.last);
        break;
      }
    }
    return whole;
  }

  // Every order of the particles that are not yet used.
  void any_order(const SchemaParticle& p, std::vector<bool>& used, std::size_t from,
                 std::size_t to) {
    bool complete = true;
    for (std::size_t i = 0; i < used.size() && !failed; ++i) {
      if (used[i]) continue;
      complete = complete && p.children[i].min == 0;
      if (p.children[i].max == 0) continue;
      const Fragment one = once(p.children[i]);
      link(from, one.first);
      used[i] = true;
      any_order(p, used, one.last, to);
      used[i] = false;
    }
    if (complete) link(from, to);
  }

  // A list of URIs; nothing of ##any, ##other and their like.
  static std::vector<std::string> explicit_namespaces(const std::string& list) {
    std::vector<std::string> out;
    std::size_t at = 0;
    while ((at = list.find_first_not_of(' ', at)) != std::string::npos) {
      const std::size_t end = std::min(list.find(' ', at), list.size());
      if (list[at] != '#') out.push_back(list.substr(at, end - at));
      at = end;
    }
    return out;
  }
};

using Set = std::vector<std::size_t>;

Set closure(const std::vector<Node>& nodes, Set from) {
  std::vector<bool> in(nodes.size());
  Set out;
  while (!from.empty()) {
    const std::size_t n = from.back();
    from.pop_back();
    if (in[n]) continue;
    in[n] = true;
    out.push_back(n);
    from.insert(from.end(), nodes[n].free.begin(), nodes[n].free.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::optional<ContentModel> ContentModel::compile(const SchemaModel& schema,
                                                  const SchemaParticle& particle) {
  Expansion expansion;
  const Fragment whole = expansion.occurrences(particle);
  if (expansion.failed) return std::nullopt;
  const std::vector<Node>& nodes = expansion.nodes;
  ContentModel model;
  std::map<Set, std::uint32_t> known;
  std::vector<Set> work;
  const auto state_of = [&](Set set) {
    const auto [it, added] = known.try_emplace(set, static_cast<std::uint32_t>(work.size()));
    if (added) work.push_back(std::move(set));
    return it->second;
  };
  (void)state_of(closure(nodes, {whole.first}));
  for (std::size_t done = 0; done < work.size(); ++done) {
    if (work.size() > kMostStates) return std::nullopt;
    State state;
    state.accepting = std::binary_search(work[done].begin(), work[done].end(), whole.last);
    std::vector<std::pair<std::size_t, Set>> elements;
    std::vector<std::pair<std::string, Set>> wildcards;
    const auto add = [](auto& list, const auto& key, std::size_t to) {
      for (auto& [known_key, targets] : list)
        if (known_key == key) return targets.push_back(to);
      list.push_back({key, {to}});
    };
    for (const std::size_t n : work[done]) {
      if (nodes[n].element != kNone) add(elements, nodes[n].element, nodes[n].to);
      for (const std::string& ns : nodes[n].namespaces) add(wildcards, ns, nodes[n].to);
    }
    for (auto& [element, targets] : elements) {
      const XmlName& name = schema.elements[element].name;
      for (const Edge& e : state.edges)
        if (schema.elements[e.element].name == name) return std::nullopt;
      // Whether the element or the wildcard would be meant is not ours to say.
      for (const auto& [ns, unused] : wildcards)
        if (ns == name.ns) return std::nullopt;
      state.edges.push_back({element, state_of(closure(nodes, std::move(targets)))});
    }
    for (auto& [ns, targets] : wildcards)
      state.wildcards.push_back({ns, state_of(closure(nodes, std::move(targets)))});
    model.states.push_back(std::move(state));
  }
  return model;
}

}  // namespace s1flow::codecs
