// LW101: a class whose objects hold a lock as long as they live.
//
// Its descriptor becomes a Hold, its constructor acquires, and its destructor has nothing left to do. Those
// who use the class see no difference, and all of them have moved. The lock is one that its holder may
// acquire again.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

bool mentions(const Code& code, Node scope, std::string_view field) {
  bool found = false;
  each_node(code.syntax, scope, [&](Node node) {
    const bool name = node.kind() == Kind::identifier_ || node.kind() == Kind::field_identifier_;
    found |= name && node.text() == field;
  });
  return found;
}

/// "hold_" for "fd_", "m_hold" for "m_fd".
std::string renamed(std::string_view field) {
  return fmt::format("{}hold{}",
                     field.starts_with("m_")  ? "m_"
                     : field.starts_with("_") ? "_"
                                              : "",
                     field.ends_with('_') ? "_" : "");
}

class Wrapper {
 public:
  explicit Wrapper(const Code& code) : code_(code) {}

  bool read(const source::Range& acquire) {
    lock_ = code_.call_at(acquire);
    constructor_ = code_.function_at(acquire);
    if (!lock_ || callee(lock_) != "flock" || arguments(lock_).size() != 2 || !constructor_ ||
        !code_.is_cpp())
      return false;
    if (!has(arguments(lock_)[1].text(), "LOCK_EX") || has(arguments(lock_)[1].text(), "LOCK_NB"))
      return false;
    field_ = arguments(lock_)[0].text();
    Node class_node;
    for (const Node node : code_.way(constructor_.begin(), constructor_.end())) {
      if (node.kind() == Kind::class_specifier_ || node.kind() == Kind::struct_specifier_) class_node = node;
    }
    members_ = class_node ? class_node.child(Field::body_) : Node{};
    const Node name = class_node ? class_node.child(Field::name_) : Node{};
    if (!members_ || !name) return false;
    for (const Node member : members_.children()) {
      if (!read_member(member, name.text())) return false;
    }
    return declared_ && destructor_ && initializer_ && nobody_else();
  }

  bool write(Edits& edits) const {
    const std::string hold = renamed(field_);
    edits.replace(initializer_.begin(), initializer_.end(),
                  fmt::format("{}(lockwright::runtime::FileLock::reentrant({}).acquire())", hold, path_));
    const Node body = constructor_.child(Field::body_);
    if (dropped_.size() == statements(body).size()) {
      edits.replace(body.begin(), body.end(), "{}");
    } else {
      for (const Node each : dropped_) remove(edits, each);
    }
    remove(edits, destructor_);
    for (const Node each : releasers_) {
      edits.replace(each.begin(), each.end(), fmt::format("{{ {}.release(); }}", hold));
    }
    edits.replace(declared_.begin(), declared_.end(), fmt::format("lockwright::runtime::Hold {};", hold));
    return true;
  }

  [[nodiscard]] bool removes(Node node) const {
    const auto inside = [&](Node each) { return covers(each, node.begin(), node.end()); };
    return std::ranges::any_of(dropped_, inside) || inside(destructor_) || inside(initializer_) ||
           std::ranges::any_of(releasers_, inside);
  }

 private:
  void remove(Edits& edits, Node node) const { edits.remove_lines(node.begin(), node.end()); }

  bool read_member(Node member, std::string_view name) {
    if (member.kind() == Kind::field_declaration_ && mentions(code_, member, field_)) {
      // `int fd_;`, `int fd_ = -1;`
      const Node type = member.child(Field::type_);
      if (!type || type.text() != "int" || declared_ || !code_.owns_lines(member)) return false;
      const Node declarator = member.child(Field::declarator_);
      if (!declarator || declarator.text() != field_) return false;
      declared_ = member;
      return true;
    }
    if (member.kind() != Kind::function_definition_) return !mentions(code_, member, field_);
    if (member == constructor_) return read_constructor(name);
    if (!mentions(code_, member, field_)) return true;
    const Node body = member.child(Field::body_);
    if (!body || !only_releases(body)) return false;
    const std::string head = squeezed(code_.text.part(member.begin(), body.begin()));
    if (head.find(fmt::format("~{}(", name)) != std::string::npos) {
      if (!code_.owns_lines(member)) return false;
      destructor_ = member;
    } else {
      // `void unlock() { flock(fd_, LOCK_UN); }`
      const Node type = member.child(Field::type_);
      if (!type || type.text() != "void") return false;
      releasers_.push_back(body);
    }
    return true;
  }

  bool read_constructor(std::string_view name) {
    const Node declarator = constructor_.child(Field::declarator_);
    if (!declarator || !declarator.child(Field::declarator_) ||
        declarator.child(Field::declarator_).text() != name)
      return false;
    const Node list = constructor_.child(Kind::field_initializer_list_);
    if (!list) return false;
    for (const Node each : list.children()) {
      const Node called = each.first_child();
      if (!called || called.text() != field_) continue;
      const std::vector<Node> calls = code_.calls(each);
      // `fd_(open(path.c_str(), O_RDWR | O_CREAT, 0600))`
      const auto opens = std::ranges::find_if(calls, [](Node call) { return callee(call) == "open"; });
      if (opens == calls.end() || arguments(*opens).size() < 2 || has(arguments(*opens)[1].text(), "O_EXCL"))
        return false;
      initializer_ = each;
      path_ = without_c_str(arguments(*opens)[0]);
    }
    if (!initializer_ || has(path_, field_)) return false;
    for (const Node each : statements(constructor_.child(Field::body_))) {
      if (!mentions(code_, each, field_)) continue;
      // The errors are the library's now; whoever was told in another way would not be any more.
      const bool asks = each.kind() == Kind::if_statement_ && !each.child(Field::alternative_);
      const Node then = asks ? each.child(Field::consequence_) : Node{};
      const bool plain = call_of(each) == lock_;
      if (!code_.owns_lines(each) || (!plain && !(then && has(then.text(), "throw std::")))) return false;
      dropped_.push_back(each);
    }
    return true;
  }

  [[nodiscard]] bool only_releases(Node body) const {
    return std::ranges::all_of(statements(body), [&](Node each) {
      // `if (fd_ >= 0) close(fd_);`, `fd_ = -1;`
      bool fine = true;
      for (const Node call : code_.calls(each)) {
        const std::string_view what = callee(call);
        const std::vector<Node> given = arguments(call);
        const bool unlocks = what == "flock" && given.size() == 2 && given[1].text() == "LOCK_UN";
        fine &= !given.empty() && given[0].text() == field_ && (unlocks || what == "close");
      }
      const bool known = each.kind() == Kind::expression_statement_ || each.kind() == Kind::if_statement_;
      return fine && known && mentions(code_, each, field_) && !has(each.text(), "return");
    });
  }

  /// Nobody in the file locks in another way.
  [[nodiscard]] bool nobody_else() const {
    return std::ranges::none_of(code_.calls(code_.syntax.root()), [&](Node call) {
      return callee(call) == "flock" && !covers(members_, call.begin(), call.end());
    });
  }

  const Code& code_;
  Node lock_;
  Node constructor_;
  Node members_;
  std::string_view field_;
  Node declared_;
  Node destructor_;
  Node initializer_;
  std::string path_;
  std::vector<Node> dropped_;
  std::vector<Node> releasers_;
};

}  // namespace

std::vector<findings::Fix> move_wrapper(const Code& code, const source::Range& acquire, bool reentrant) {
  if (!reentrant || code.files.get(acquire.file) == nullptr) return {};
  const Code theirs(code.files, acquire.file);
  Wrapper wrapper(theirs);
  if (!wrapper.read(acquire)) return {};
  Edits edits(theirs.file, theirs.text);
  if (!wrapper.write(edits)) return {};
  std::vector<Node> gone;
  each_node(theirs.syntax, theirs.syntax.root(), [&](Node node) {
    if (wrapper.removes(node)) gone.push_back(node);
  });
  theirs.include_library(edits, {}, gone);
  return library_move(edits, "Use lockwright::runtime's FileLock in the class that locks");
}

}  // namespace lockwright::fixes::cpp
