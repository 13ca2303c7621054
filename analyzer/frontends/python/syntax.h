// The syntax tree of one file, flat: all that the rest of the frontend sees of tree-sitter.
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analyzer/frontends/python/syntax_kinds.h"

namespace lockwright::frontends::python {

/// A name's number in one Syntax: equal names are equal symbols.
enum class Symbol : std::uint32_t { none = 0 };

class Syntax;

/// A node, borrowed from its Syntax; a default-made one is "no such node" and false.
class Node {
 public:
  class Children;

  Node() = default;
  Node(const Syntax* syntax, std::uint32_t id) : syntax_(syntax), id_(id) {}

  explicit operator bool() const { return syntax_ != nullptr; }
  friend bool operator==(const Node&, const Node&) = default;

  [[nodiscard]] std::uint32_t id() const { return id_; }
  [[nodiscard]] Kind kind() const;
  [[nodiscard]] Field field() const;
  [[nodiscard]] std::uint32_t begin() const;
  [[nodiscard]] std::uint32_t end() const;
  [[nodiscard]] std::string_view text() const;
  /// Of an identifier; none for all others.
  [[nodiscard]] Symbol symbol() const;
  /// The number after this node's last descendant: descendants are id() + 1 … past() - 1, parents first.
  [[nodiscard]] std::uint32_t past() const;
  /// Some of the text in here did not parse.
  [[nodiscard]] bool has_error() const;
  /// A walrus in here assigns a variable.
  [[nodiscard]] bool has_walrus() const;
  /// A call, await, yield or the like is in here: evaluating it does more than name a value.
  [[nodiscard]] bool has_effect() const;

  /// `*a`, `*a.b()`. The grammar lets the star bind closer than what follows, so it may stand far inside, at
  /// the left end.
  [[nodiscard]] bool is_spread() const;

  /// `(x)` as a target or pattern, which the grammar takes for a tuple: one element and no comma.
  [[nodiscard]] bool is_grouping() const;

  [[nodiscard]] Children children() const;
  [[nodiscard]] Node first_child() const;
  [[nodiscard]] Node child(Field field) const;
  [[nodiscard]] Node child(Kind kind) const;

 private:
  const Syntax* syntax_ = nullptr;
  std::uint32_t id_ = 0;
};

class Node::Children {
 public:
  class Iterator {
   public:
    Iterator(const Syntax* syntax, std::uint32_t id) : syntax_(syntax), id_(id) {}
    Node operator*() const { return {syntax_, id_}; }
    Iterator& operator++() {
      id_ = Node(syntax_, id_).past();
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

/// A piece of text that the parser was not shown.
struct Blank {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Owner of the nodes; borrows the text. Nodes are numbered in preorder, the root is 0. Only meaningful nodes
/// are kept: named ones and operators; no punctuation, no comments, and nothing inside of annotations.
class Syntax {
 public:
  /// Never fails. `text` must outlive the result; it is at most 4 GiB long.
  static Syntax parse(std::string_view text);
  /// The same, but each of `blanks` (which begin statements) is one node of the kind error.
  static Syntax parse_without(std::string_view text, const std::vector<Blank>& blanks);

  [[nodiscard]] Node root() const { return {this, 0}; }
  [[nodiscard]] Node node(std::uint32_t id) const { return {this, id}; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::string_view name(Symbol symbol) const {
    return names_[static_cast<std::size_t>(symbol)];
  }
  /// none when no identifier of the file is spelled like this.
  [[nodiscard]] Symbol symbol(std::string_view name) const;
  [[nodiscard]] std::uint32_t symbol_count() const { return static_cast<std::uint32_t>(names_.size()); }
  /// 1-based.
  [[nodiscard]] std::uint32_t line(std::uint32_t offset) const;

 private:
  friend class Node;
  friend class Flattener;

  struct Entry {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t past;
    std::uint32_t symbol : 24;
    std::uint32_t flags : 8;
    Kind kind;
    Field field;
  };
  static constexpr std::uint32_t error_flag = 1;
  static constexpr std::uint32_t walrus_flag = 2;
  static constexpr std::uint32_t effect_flag = 4;

  std::string_view text_;
  std::vector<Entry> nodes_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, Symbol> symbols_;
  mutable std::vector<std::uint32_t> lines_;  // where each line begins; made on first use
};

inline Kind Node::kind() const {
  return syntax_ == nullptr ? Kind::other : syntax_->nodes_[id_].kind;
}
inline Field Node::field() const {
  return syntax_->nodes_[id_].field;
}
inline std::uint32_t Node::begin() const {
  return syntax_->nodes_[id_].begin;
}
inline std::uint32_t Node::end() const {
  return syntax_->nodes_[id_].end;
}
inline std::uint32_t Node::past() const {
  return syntax_->nodes_[id_].past;
}
inline Symbol Node::symbol() const {
  return Symbol{syntax_->nodes_[id_].symbol};
}
inline bool Node::has_error() const {
  return (syntax_->nodes_[id_].flags & Syntax::error_flag) != 0;
}
inline bool Node::has_walrus() const {
  return (syntax_->nodes_[id_].flags & Syntax::walrus_flag) != 0;
}
inline bool Node::has_effect() const {
  return (syntax_->nodes_[id_].flags & Syntax::effect_flag) != 0;
}
inline std::string_view Node::text() const {
  return syntax_->text_.substr(begin(), end() - begin());
}
inline bool Node::is_spread() const {
  return end() > begin() && syntax_->text_[begin()] == '*';
}
inline Node::Children Node::children() const {
  return {syntax_, id_ + 1, past()};
}
inline Node Node::first_child() const {
  return past() == id_ + 1 ? Node{} : Node{syntax_, id_ + 1};
}

inline Node Node::child(Field field) const {
  for (const Node each : children()) {
    if (each.field() == field) return each;
  }
  return {};
}

inline Node Node::child(Kind kind) const {
  for (const Node each : children()) {
    if (each.kind() == kind) return each;
  }
  return {};
}

}  // namespace lockwright::frontends::python
