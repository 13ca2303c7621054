// The syntax tree of one file, flat: all that a tree-sitter frontend sees of tree-sitter.
//
// A Grammar is a struct with the frontend's vocabulary: the enumerations Kind (with the enumerators other,
// error and missing) and Field (with none).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lockwright::frontends {

/// A name's number in one syntax tree: equal names are equal symbols.
enum class Symbol : std::uint32_t { none = 0 };

/// What a node says about all that is below it, in bits.
struct SyntaxFlags {
  static constexpr std::uint32_t error = 1;
  static constexpr std::uint32_t assignment = 2;
  static constexpr std::uint32_t effect = 4;
};

template <typename Grammar>
class BasicSyntax;

/// A node, borrowed from its syntax tree; a default-made one is "no such node" and false.
template <typename Grammar>
class BasicNode {
 public:
  using Syntax = BasicSyntax<Grammar>;
  using Kind = typename Grammar::Kind;
  using Field = typename Grammar::Field;
  class Children;

  BasicNode() = default;
  BasicNode(const Syntax* syntax, std::uint32_t id) : syntax_(syntax), id_(id) {}

  explicit operator bool() const { return syntax_ != nullptr; }
  friend bool operator==(const BasicNode&, const BasicNode&) = default;

  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] Kind kind() const { return syntax_ == nullptr ? Kind::other : entry().kind; }
  [[nodiscard]] Field field() const { return entry().field; }
  [[nodiscard]] std::uint32_t begin() const { return entry().begin; }
  [[nodiscard]] std::uint32_t end() const { return entry().end; }
  [[nodiscard]] std::string_view text() const { return syntax_->text().substr(begin(), end() - begin()); }
  /// Of a name; none for all others.
  [[nodiscard]] Symbol symbol() const { return Symbol{entry().symbol}; }
  /// The number after this node's last descendant: descendants are id() + 1 … past() - 1, parents first.
  [[nodiscard]] std::uint32_t past() const { return entry().past; }
  /// Some of the text in here did not parse.
  [[nodiscard]] bool has_error() const { return (entry().flags & SyntaxFlags::error) != 0; }
  /// An expression in here assigns a variable: a walrus, `x = y` as a value, `i++`.
  [[nodiscard]] bool has_assignment() const { return (entry().flags & SyntaxFlags::assignment) != 0; }
  /// A call, await, yield or the like is in here: evaluating it does more than name a value.
  [[nodiscard]] bool has_effect() const { return (entry().flags & SyntaxFlags::effect) != 0; }

  [[nodiscard]] Children children() const { return {syntax_, id_ + 1, past()}; }
  [[nodiscard]] BasicNode first_child() const {
    return past() == id_ + 1 ? BasicNode{} : BasicNode{syntax_, id_ + 1};
  }
  [[nodiscard]] BasicNode child(Field field) const {
    for (const BasicNode each : children()) {
      if (each.field() == field) return each;
    }
    return {};
  }
  [[nodiscard]] BasicNode child(Kind kind) const {
    for (const BasicNode each : children()) {
      if (each.kind() == kind) return each;
    }
    return {};
  }

 private:
  [[nodiscard]] const typename Syntax::Entry& entry() const { return syntax_->nodes_[id_]; }

  const Syntax* syntax_ = nullptr;
  std::uint32_t id_ = 0;
};

template <typename Grammar>
class BasicNode<Grammar>::Children {
 public:
  class Iterator {
   public:
    Iterator(const Syntax* syntax, std::uint32_t id) : syntax_(syntax), id_(id) {}
    BasicNode operator*() const { return {syntax_, id_}; }
    Iterator& operator++() {
      id_ = BasicNode(syntax_, id_).past();
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Syntax* syntax_;
    std::uint32_t id_;
  };

  Children(const Syntax* syntax, std::uint32_t first, std::uint32_t past)
      : syntax_(syntax), first_(first), past_(past) {}
  [[nodiscard]] Iterator begin() const { return {syntax_, first_}; }
  [[nodiscard]] Iterator end() const { return {syntax_, past_}; }

 private:
  const Syntax* syntax_;
  std::uint32_t first_;
  std::uint32_t past_;
};

template <typename Grammar>
class Flattener;

/// Owner of the nodes; borrows the text. Nodes are numbered in preorder, the root is 0. Only meaningful nodes
/// are kept: those that the frontend's vocabulary names.
template <typename Grammar>
class BasicSyntax {
 public:
  using Node = BasicNode<Grammar>;

  [[nodiscard]] Node root() const { return {this, 0}; }
  [[nodiscard]] Node node(std::uint32_t id) const { return {this, id}; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view name(Symbol symbol) const {
    return names_[static_cast<std::size_t>(symbol)];
  }
  /// none when no name of the file is spelled like this.
  [[nodiscard]] Symbol symbol(std::string_view name) const {
    const auto found = symbols_.find(name);
    return found == symbols_.end() ? Symbol::none : found->second;
  }
  [[nodiscard]] std::uint32_t symbol_count() const { return static_cast<std::uint32_t>(names_.size()); }
  /// 1-based.
  [[nodiscard]] std::uint32_t line(std::uint32_t offset) const {
    if (lines_.empty()) {
      lines_.push_back(0);
      for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1)) {
        lines_.push_back(static_cast<std::uint32_t>(at + 1));
      }
    }
    const auto after = std::upper_bound(lines_.begin(), lines_.end(), offset);
    return static_cast<std::uint32_t>(after - lines_.begin());
  }

  /// Turns a node around with its first child P, for grammars that nest the two the wrong way: P takes the
  /// node's place, and the node stands where P's last child X stood, with X as its own first child. Returns
  /// the node's new number; the same when P has no children.
  std::uint32_t sink(std::uint32_t id) {
    std::uint32_t last = id + 1;
    for (const Node each : node(id + 1).children()) last = each.id();
    if (last == id + 1) return id;
    Entry sunk = nodes_[id];
    const typename Grammar::Field role = nodes_[id + 1].field;
    for (std::uint32_t each = id + 1; each < last; ++each) {
      nodes_[each - 1] = nodes_[each];
      --nodes_[each - 1].past;
    }
    Entry& risen = nodes_[id];
    risen.field = sunk.field;
    risen.past = sunk.past;
    risen.end = sunk.end;
    risen.flags = (risen.flags | sunk.flags) & 0xffU;
    sunk.field = nodes_[last].field;
    sunk.begin = nodes_[last].begin;
    nodes_[last].field = role;
    nodes_[last - 1] = sunk;
    return last - 1;
  }

 private:
  friend Node;
  friend Flattener<Grammar>;

  struct Entry {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t past;
    std::uint32_t symbol : 24;
    std::uint32_t flags : 8;
    typename Grammar::Kind kind;
    typename Grammar::Field field;
  };

  std::string_view text_;
  std::vector<Entry> nodes_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  mutable std::vector<std::uint32_t> lines_;  // where each line begins; made on first use
};

}  // namespace lockwright::frontends
