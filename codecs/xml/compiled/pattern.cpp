#include "codecs/xml/compiled/pattern.h"

#include <algorithm>
#include <map>
#include <set>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace s1flow::codecs {
namespace {

// Larger ones are left to libxml2: tables stay small, and start-up short.
constexpr std::size_t kMostNodes = 4000;
constexpr std::size_t kMostStates = 1000;
constexpr unsigned kMostRepeats = 1000;

// A nondeterministic automaton: each node has an optional step on a set of bytes, and any number of
// free moves.
struct Node {
  ByteSet on;
  int to = -1;
  std::vector<int> free;
};

struct Fragment {
  int first, last;
};

class Compiler {
 public:
  std::vector<Node> nodes;

  // The node reached on success; nothing when the pattern is not understood.
  std::optional<Fragment> pattern(std::string_view text) {
    rest_ = text;
    auto whole = branches();
    if (!whole || !rest_.empty()) return std::nullopt;
    return whole;
  }
  int node() {
    nodes.emplace_back();
    return static_cast<int>(nodes.size()) - 1;
  }
  [[nodiscard]] bool too_large() const { return nodes.size() > kMostNodes; }

 private:
  std::optional<Fragment> branches() {
    if (++depth_ > 50) return std::nullopt;
    const Fragment whole{node(), node()};
    while (true) {
      auto one = branch();
      if (!one) return std::nullopt;
      link(whole.first, one->first);
      link(one->last, whole.last);
      if (!rest_.starts_with('|')) break;
      rest_.remove_prefix(1);
    }
    --depth_;
    return whole;
  }

  std::optional<Fragment> branch() {
    const int start = node();
    Fragment whole{start, start};
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::string_view before = rest_;
      auto piece = atom();
      if (!piece) return std::nullopt;
      const std::string_view spelled = before.substr(0, before.size() - rest_.size());
      unsigned least = 1, most = 1;
      bool unbounded = false;
      if (!quantifier(least, most, unbounded)) return std::nullopt;
      auto repeated = repeat(*piece, spelled, least, most, unbounded);
      if (!repeated || too_large()) return std::nullopt;
      link(whole.last, repeated->first);
      whole.last = repeated->last;
    }
    if (whole.last == start) return std::nullopt;  // an empty branch
    return whole;
  }

  bool quantifier(unsigned& least, unsigned& most, bool& unbounded) {
    if (rest_.empty()) return true;
    switch (rest_.front()) {
      case '?':
        least = 0;
        break;
      case '*':
        least = 0;
        unbounded = true;
        break;
      case '+':
        unbounded = true;
        break;
      case '{':
        return counts(least, most, unbounded);
      default:
        return true;
    }
    rest_.remove_prefix(1);
    return !quantifier_follows();
  }
  [[nodiscard]] bool quantifier_follows() const {
    return !rest_.empty() && std::string_view("?*+{").find(rest_.front()) != std::string_view::npos;
  }

  bool counts(unsigned& least, unsigned& most, bool& unbounded) {
    rest_.remove_prefix(1);
    if (!number(least)) return false;
    most = least;
    if (rest_.starts_with(',')) {
      rest_.remove_prefix(1);
      if (rest_.starts_with('}'))
        unbounded = true;
      else if (!number(most) || most < least)
        return false;
    }
    if (!rest_.starts_with('}')) return false;
    rest_.remove_prefix(1);
    return !quantifier_follows();
  }
  bool number(unsigned& value) {
    value = 0;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + static_cast<unsigned>(rest_.front() - '0');
      if (value > kMostRepeats) return false;
      any = true;
      rest_.remove_prefix(1);
    }
    return any;
  }

  // The atom once more, from its text: automata are not copied.
  std::optional<Fragment> again(std::string_view spelled) {
    const std::string_view kept = rest_;
    rest_ = spelled;
    auto copy = atom();
    rest_ = kept;
    return copy;
  }

  std::optional<Fragment> repeat(Fragment first, std::string_view spelled, unsigned least,
                                 unsigned most, bool unbounded) {
    if (least == 1 && most == 1 && !unbounded) return first;
    const int start = node();
    Fragment whole{start, start};
    bool used = false;
    const auto one = [&]() -> std::optional<Fragment> {
      if (!used) {
        used = true;
        return first;
      }
      if (too_large()) return std::nullopt;
      return again(spelled);
    };
    for (unsigned i = 0; i < least; ++i) {
      auto next = one();
      if (!next) return std::nullopt;
      link(whole.last, next->first);
      whole.last = next->last;
    }
    if (unbounded) {
      auto next = one();
      if (!next) return std::nullopt;
      const int loop = node();
      link(whole.last, loop);
      link(loop, next->first);
      link(next->last, loop);
      return Fragment{whole.first, loop};
    }
    const int end = node();
    for (unsigned i = least; i < most; ++i) {
      auto next = one();
      if (!next) return std::nullopt;
      link(whole.last, end);
      link(whole.last, next->first);
      whole.last = next->last;
    }
    link(whole.last, end);
    return Fragment{whole.first, end};
  }

  std::optional<Fragment> atom() {
    if (rest_.empty()) return std::nullopt;
    const char c = rest_.front();
    if (c == '(') {
      rest_.remove_prefix(1);
      auto inner = branches();
      if (!inner || !rest_.starts_with(')')) return std::nullopt;
      rest_.remove_prefix(1);
      return inner;
    }
    ByteSet set;
    if (c == '[') {
      rest_.remove_prefix(1);
      if (!character_class(set)) return std::nullopt;
    } else if (c == '\\') {
      if (!escape(set)) return std::nullopt;
    } else if (c == '.') {
      set.set();
      set.reset('\n');
      set.reset('\r');
      rest_.remove_prefix(1);
    } else if (std::string_view("?*+{})]|").find(c) != std::string_view::npos || !ascii(c)) {
      return std::nullopt;
    } else {
      set.set(static_cast<unsigned char>(c));
      rest_.remove_prefix(1);
    }
    const Fragment one{node(), node()};
    nodes[static_cast<std::size_t>(one.first)].on = set;
    nodes[static_cast<std::size_t>(one.first)].to = one.last;
    return one;
  }

  static bool ascii(char c) { return static_cast<unsigned char>(c) < 128; }

  // A backslash and what follows. `single` tells whether it stands for one character.
  bool escape(ByteSet& set, bool* single = nullptr) {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    rest_.remove_prefix(2);
    if (single != nullptr) *single = true;
    switch (c) {
      case 'n':
        set.set('\n');
        return true;
      case 't':
        set.set('\t');
        return true;
      case 'd':
        for (char d = '0'; d <= '9'; ++d) set.set(static_cast<unsigned char>(d));
        if (single != nullptr) *single = false;
        return true;
      case 's':
        for (const char s : {' ', '\t', '\n', '\r'}) set.set(static_cast<unsigned char>(s));
        if (single != nullptr) *single = false;
        return true;
      default:
        if (std::string_view("\\|.-^?*+{}()[]").find(c) == std::string_view::npos) return false;
        set.set(static_cast<unsigned char>(c));
        return true;
    }
  }

  // After the '['. Forms that readers of the recommendation disagree on do not compile.
  bool character_class(ByteSet& set) {
    const bool negated = rest_.starts_with('^');
    if (negated) rest_.remove_prefix(1);
    bool first = true;
    while (!rest_.empty() && (rest_.front() != ']' || first)) {
      const char c = rest_.front();
      ByteSet one;
      bool single = true;
      if (c == '\\') {
        if (!escape(one, &single)) return false;
      } else if (c == '-') {
        // As itself only at the ends.
        if (!first && !(rest_.size() > 1 && rest_[1] == ']')) return false;
        one.set('-');
        rest_.remove_prefix(1);
        if (rest_.starts_with('-')) return false;
      } else if (c == '[' || c == ']' || c == '^' || !ascii(c)) {
        return false;
      } else {
        one.set(static_cast<unsigned char>(c));
        rest_.remove_prefix(1);
      }
      first = false;
      if (single && rest_.size() > 1 && rest_.front() == '-' && rest_[1] != ']') {
        if (!range(one)) return false;
      }
      set |= one;
    }
    if (!rest_.starts_with(']') || first) return false;
    rest_.remove_prefix(1);
    if (negated) set.flip();
    return true;
  }

  // "-b" of "a-b"; `one` holds a.
  bool range(ByteSet& one) {
    rest_.remove_prefix(1);
    ByteSet last;
    bool single = true;
    if (rest_.front() == '\\') {
      if (!escape(last, &single) || !single) return false;
    } else if (std::string_view("[]-^").find(rest_.front()) != std::string_view::npos ||
               !ascii(rest_.front())) {
      return false;
    } else {
      last.set(static_cast<unsigned char>(rest_.front()));
      rest_.remove_prefix(1);
    }
    const std::size_t low = one._Find_first(), high = last._Find_first();
    if (low > high) return false;
    for (std::size_t i = low; i <= high; ++i) one.set(i);
    return true;
  }

  void link(int from, int to) { nodes[static_cast<std::size_t>(from)].free.push_back(to); }

  std::string_view rest_;
  int depth_ = 0;
};

using NodeSet = std::vector<int>;  // sorted

NodeSet closure(const std::vector<Node>& nodes, NodeSet from) {
  std::vector<bool> in(nodes.size());
  NodeSet out;
  while (!from.empty()) {
    const int n = from.back();
    from.pop_back();
    if (in[static_cast<std::size_t>(n)]) continue;
    in[static_cast<std::size_t>(n)] = true;
    out.push_back(n);
    for (const int f : nodes[static_cast<std::size_t>(n)].free) from.push_back(f);
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The ranges of bytes that make up a set.
std::vector<std::pair<unsigned char, unsigned char>> ranges_of(const ByteSet& set) {
  std::vector<std::pair<unsigned char, unsigned char>> out;
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (!set[i]) continue;
    const std::size_t low = i;
    while (i + 1 < set.size() && set[i + 1]) ++i;
    out.emplace_back(static_cast<unsigned char>(low), static_cast<unsigned char>(i));
  }
  return out;
}

}  // namespace

std::optional<Pattern> Pattern::compile(std::span<const std::string> alternatives) {
  Compiler compiler;
  const int start = compiler.node();
  const int end = compiler.node();
  for (const std::string& text : alternatives) {
    const auto one = compiler.pattern(text);
    if (!one || compiler.too_large()) return std::nullopt;
    compiler.nodes[static_cast<std::size_t>(start)].free.push_back(one->first);
    compiler.nodes[static_cast<std::size_t>(one->last)].free.push_back(end);
  }
  // Bytes that no step tells apart share a class.
  Pattern p;
  std::set<std::string> different;
  for (const Node& n : compiler.nodes)
    if (n.to >= 0) different.insert(n.on.to_string());
  std::map<std::vector<bool>, std::uint8_t> known;
  std::vector<std::size_t> example;
  std::vector<ByteSet> sets;
  for (const std::string& bits : different) sets.emplace_back(bits);
  for (std::size_t byte = 0; byte < 128; ++byte) {
    std::vector<bool> membership;
    for (const ByteSet& s : sets) membership.push_back(s[byte]);
    const auto [it, added] =
        known.try_emplace(membership, static_cast<std::uint8_t>(known.size() & 255U));
    if (added) example.push_back(byte);
    p.classes_[byte] = it->second;
  }
  p.class_count_ = example.size();
  std::map<NodeSet, std::uint16_t> states;
  std::vector<NodeSet> work;
  const auto state_of = [&](NodeSet set) -> std::uint16_t {
    if (set.empty()) return 0;
    const auto [it, added] = states.try_emplace(set, static_cast<std::uint16_t>(work.size() + 1));
    if (added) {
      p.accepting_.push_back(std::binary_search(set.begin(), set.end(), end));
      work.push_back(std::move(set));
    }
    return it->second;
  };
  p.accepting_.push_back(false);
  (void)state_of(closure(compiler.nodes, {start}));
  p.next_.assign(p.class_count_, 0);
  for (std::size_t done = 0; done < work.size(); ++done) {
    if (work.size() > kMostStates) return std::nullopt;
    for (std::size_t c = 0; c < p.class_count_; ++c) {
      NodeSet to;
      for (const int n : work[done]) {
        const Node& node = compiler.nodes[static_cast<std::size_t>(n)];
        if (node.to >= 0 && node.on[example[c]]) to.push_back(node.to);
      }
      p.next_.push_back(state_of(closure(compiler.nodes, std::move(to))));
    }
  }
  for (std::size_t byte = 0; byte < 128; ++byte)
    for (std::size_t s = 1; s <= work.size(); ++s)
      if (p.next_[s * p.class_count_ + p.classes_[byte]] != 0) p.bytes_.set(byte);
  p.find_run();
  return p;
}

// Looks for the form "these classes, then one class up to so many times".
void Pattern::find_run() {
  const auto step = [&](std::size_t state, ByteSet& on) -> std::size_t {
    std::size_t to = 0;
    on.reset();
    for (std::size_t byte = 0; byte < 128; ++byte) {
      const std::size_t next = next_[state * class_count_ + classes_[byte]];
      if (next == 0) continue;
      if (to != 0 && next != to) return 0;
      to = next;
      on.set(byte);
    }
    return to;
  };
  std::vector<ByteSet> places;
  std::size_t state = 1;
  ByteSet on;
  while (!accepting_[state]) {
    state = step(state, on);
    if (state == 0 || places.size() == kRunBytes) return;
    places.push_back(on);
  }
  run_least_ = places.size();
  std::optional<ByteSet> repeated;
  run_most_ = run_least_;
  while (true) {
    const std::size_t to = step(state, on);
    if (to == 0 && on.any()) return;
    if (to == 0) break;  // nothing may follow
    if (repeated && *repeated != on) return;
    repeated = on;
    if (to == state || run_most_ >= kRunBytes) {
      // Open at the end, or too long: longer texts go through the automaton.
      run_most_ = kRunBytes;
      break;
    }
    if (!accepting_[to]) return;
    state = to;
    ++run_most_;
  }
  if (run_most_ > kRunBytes) return;
  while (repeated && places.size() < kRunBytes) places.push_back(*repeated);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto ranges = ranges_of(places[i]);
    if (ranges.size() > kRunRanges) return;
    run_ranges_ = std::max(run_ranges_, ranges.size());
    for (std::size_t r = 0; r < kRunRanges; ++r) {
      // An unused range repeats the first.
      const auto& range = ranges[r < ranges.size() ? r : 0];
      low_[r][i] = range.first;
      high_[r][i] = range.second;
    }
  }
  run_ = true;
}

bool Pattern::matches(std::string_view text) const {
  if (run_ && text.size() <= kRunBytes) return matches_run(text);
  return matches_automaton(text);
}

bool Pattern::matches_run(std::string_view text) const {
  if (text.size() < run_least_ || text.size() > run_most_) return false;
#if defined(__SSE2__)
  for (std::size_t at = 0; at < text.size(); at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    __m128i good = _mm_setzero_si128();
    for (std::size_t r = 0; r < run_ranges_; ++r) {
      const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(low_[r].data() + at));
      const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(high_[r].data() + at));
      const __m128i inside = _mm_cmpeq_epi8(_mm_min_epu8(_mm_max_epu8(bytes, low), high), bytes);
      good = _mm_or_si128(good, inside);
    }
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(good));
    const std::size_t left = text.size() - at;
    const unsigned wanted = left >= 16 ? 0xFFFFU : (1U << left) - 1U;
    if ((mask & wanted) != wanted) return false;
  }
  return true;
#else
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    bool good = false;
    for (std::size_t r = 0; r < run_ranges_; ++r)
      good = good || (byte >= low_[r][i] && byte <= high_[r][i]);
    if (!good) return false;
  }
  return true;
#endif
}

bool Pattern::matches_automaton(std::string_view text) const {
  std::size_t state = 1;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 128) return false;
    state = next_[state * class_count_ + classes_[byte]];
    if (state == 0) return false;
  }
  return accepting_[state];
}

}  // namespace s1flow::codecs
