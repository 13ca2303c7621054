// Reading what serves a lock: a guard that nobody names again, or a descriptor that is opened, asked for,
// locked, given up, and used for nothing else.
#include "analyzer/fixes/cpp/held.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

class Reader {
 public:
  Reader(const Code& code, Held& held) : code_(code), held_(held) {}

  bool read(const source::Range& acquire) {
    held_.function = code_.function_at(acquire);
    if (!held_.function || held_.function.kind() != Kind::function_definition_) return false;
    for (const Node node : code_.way(acquire.begin, acquire.end)) {
      if (node.kind() == Kind::preproc_if_ || node.kind() == Kind::preproc_ifdef_) conditional_ = true;
      if (node.begin() == acquire.begin && node.kind() == Kind::call_expression_ && !call_) call_ = node;
    }
    held_.acquire = child_statement(acquire);
    if (conditional_ || !held_.acquire || !code_.owns_lines(held_.acquire) || !find_variable()) return false;
    const std::vector<Node> uses = code_.names(held_.function, held_.variable);
    if (read_guard(uses)) return true;
    held_.guard = false;
    held_.opening.clear();
    return only_acquires() && std::ranges::all_of(uses, [&](Node use) { return take(use); }) && in_order();
  }

 private:
  /// The statement of the innermost block around it.
  [[nodiscard]] Node child_statement(const source::Range& range) const {
    const Path way = code_.way(range.begin, range.end);
    Node found;
    for (std::size_t i = 1; i < way.size(); ++i) {
      if (way[i - 1].kind() == Kind::compound_statement_) found = way[i];
    }
    return found;
  }

  /// What the statement does besides is to leave when the lock is not to be had, or to ask again.
  [[nodiscard]] bool only_acquires() const {
    switch (held_.acquire.kind()) {
      case Kind::declaration_:
      case Kind::expression_statement_: return true;
      case Kind::if_statement_: return is_check(held_.acquire);
      case Kind::while_statement_: {
        const Node body = held_.acquire.child(Field::body_);
        return body && code_.calls(body).empty();
      }
      default: return false;
    }
  }

  /// What is called something else may do something else, too.
  [[nodiscard]] static bool speaks_of_locks(std::string_view text) {
    constexpr std::array words = {"lock",  "Lock", "LOCK", "acquire", "guard",
                                  "Guard", "utex", "hold", "Hold",    "fcntl"};
    return std::ranges::any_of(words, [&](std::string_view word) { return has(text, word); });
  }

  /// The declaration's type and what it is made by, without what that is given.
  [[nodiscard]] std::string words_of(Node declaration) const {
    const Node type = declaration.child(Field::type_);
    std::string result(type ? type.text() : std::string_view());
    for (const Node call : code_.calls(declaration)) result += fmt::format(" {}", callee(call));
    return result;
  }

  bool find_variable() {
    const Node statement = held_.acquire;
    if (statement.kind() == Kind::declaration_ && !speaks_of_locks(words_of(statement))) return false;
    if (const std::vector<std::string_view> names = declared_names(statement); !names.empty()) {
      held_.variable = names[0];
      return names.size() == 1;
    }
    if (statement.kind() == Kind::declaration_) {
      // `Guard guard(path);` reads like the declaration of a function.
      const Node declarator = statement.child(Field::declarator_);
      const std::string_view text = declarator ? declarator.text() : std::string_view();
      held_.variable = text.substr(0, text.find_first_of("({ "));
      return !held_.variable.empty() && held_.variable.size() < text.size();
    }
    if (!call_) return false;
    const Path way = code_.way(call_.begin(), call_.end());
    for (const Node node : way) {
      if (node.kind() != Kind::assignment_expression_ || node.begin() < statement.begin()) continue;
      if (!speaks_of_locks(callee(call_))) return false;
      const Node left = node.child(Field::left_);
      if (!left || left.kind() != Kind::identifier_) return false;
      held_.variable = left.text();
      return true;
    }
    const std::string_view name = callee(call_);
    const std::vector<Node> given = arguments(call_);
    if (!speaks_of_locks(name)) return false;
    if ((name != "flock" && name != "lockf" && name != "fcntl") || given.empty() ||
        given[0].kind() != Kind::identifier_)
      return false;
    held_.variable = given[0].text();
    return true;
  }

  /// Nobody names it again, but to ask at once whether it has the lock.
  bool read_guard(const std::vector<Node>& uses) {
    if (!code_.is_cpp() || held_.acquire.kind() != Kind::declaration_) return false;
    held_.guard = true;
    held_.opening = {held_.acquire};
    for (const Node use : uses) {
      if (covers(held_.acquire, use.begin(), use.end())) continue;
      const Node statement = child_statement({code_.file, use.begin(), use.end()});
      if (!statement || !is_check(statement) || statement.begin() < held_.acquire.begin()) return false;
      add(held_.opening, statement);
    }
    return held_.opening.size() <= 2 && is_object();
  }

  /// Not a number that tells how the acquire went.
  [[nodiscard]] bool is_object() const {
    const Node type = held_.acquire.child(Field::type_);
    return type && type.kind() != Kind::primitive_type_ && !has(held_.acquire.text(), "static ");
  }

  /// `if (fd < 0) return -1;`: asks for nothing else.
  [[nodiscard]] bool is_check(Node statement) const {
    if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_)) return false;
    if (!ends_by_leaving(statement.child(Field::consequence_)) || !code_.owns_lines(statement)) return false;
    const Node condition = statement.child(Field::condition_);
    const std::vector<Node> asked = code_.calls(condition);
    bool fine = std::ranges::all_of(asked, [&](Node call) {
      return (call_ && call == call_) || is_opening(call) ||
             callee(call).starts_with(fmt::format("{}.", held_.variable));
    });
    each_node(code_.syntax, statement, [&](Node node) { fine &= node.kind() != Kind::goto_statement_; });
    // `if (fd < 0 || size == 0)` asks for what is not the lock's.
    each_node(code_.syntax, condition, [&](Node node) {
      if (node.kind() != Kind::identifier_ || node.text() == held_.variable || node.text() == "errno") return;
      const bool constant =
          node.text() == "nullptr" ||
          std::ranges::none_of(node.text(), [](unsigned char c) { return std::islower(c) != 0; });
      fine &= constant ||
              std::ranges::any_of(asked, [&](Node call) { return covers(call, node.begin(), node.end()); });
    });
    return fine && !code_.names(condition, held_.variable).empty();
  }

  /// It makes the file at most; what the file has is not touched.
  [[nodiscard]] static bool is_opening(Node call) {
    return last_name(callee(call)) == "open" && !has(call.text(), "O_TRUNC") && !has(call.text(), "O_EXCL");
  }

  /// `close(fd);`, `if (fd >= 0) store_unlock(fd);`
  [[nodiscard]] bool is_release(Node statement) const {
    const Node inner = statement.kind() == Kind::if_statement_ && !statement.child(Field::alternative_)
                           ? statement.child(Field::consequence_)
                           : Node{};
    if (inner) {
      const std::vector<Node> body = body_statements(inner);
      return code_.calls(statement.child(Field::condition_)).empty() && !body.empty() &&
             std::ranges::all_of(body, [&](Node each) { return is_release(each); });
    }
    const Node call = call_of(statement);
    const std::vector<Node> given = call ? arguments(call) : std::vector<Node>();
    if (given.empty() || given[0].text() != held_.variable) return false;
    const std::string_view name = last_name(callee(call));
    if (name == "flock") return given.size() == 2 && has(given[1].text(), "LOCK_UN");
    return given.size() == 1 && speaks_of_release(name);
  }

  /// Whether this use of the variable is one for the lock.
  bool take(Node use) {
    const Path way = code_.way(use.begin(), use.end());
    Node top;  // the statement of the function that it is in
    for (std::size_t i = way.size(); i-- > 0;) {
      if (way[i].kind() == Kind::lambda_expression_) return false;
      if (way[i] == held_.function) break;
      const bool whole = way[i].kind() == Kind::expression_statement_ || way[i].kind() == Kind::if_statement_;
      if (whole && is_check(way[i])) {
        add(held_.opening, way[i]);
        return true;
      }
      if (whole && way[i].begin() > held_.acquire.begin() && is_release(way[i])) {
        // The whole of `if (fd >= 0) close(fd);`
        Node outer = way[i];
        if (i > 0 && way[i - 1].kind() == Kind::if_statement_ && is_release(way[i - 1])) outer = way[i - 1];
        if (i > 1 && way[i - 2].kind() == Kind::if_statement_ && is_release(way[i - 2])) outer = way[i - 2];
        if (!code_.owns_lines(outer)) return false;
        add(held_.releasing, outer);
        return true;
      }
      if (way[i - 1].kind() == Kind::compound_statement_) {
        top = way[i];
        break;
      }
    }
    if (!top) return false;
    if (top == held_.acquire || opens(top)) {
      add(held_.opening, top);
      return code_.owns_lines(top);
    }
    const std::vector<std::string_view> names = declared_names(top);
    if (std::ranges::find(names, held_.variable) == names.end() || held_.declared) return false;
    held_.declared = top;
    return !top.has_effect() && code_.owns_lines(top);
  }

  /// `fd = open(path, O_RDWR);`, in a declaration of its own or not.
  [[nodiscard]] bool opens(Node statement) const {
    if (statement.begin() > held_.acquire.begin()) return false;
    Node value;
    if (statement.kind() == Kind::declaration_ && declared_names(statement).size() == 1) {
      const Node declarator = statement.child(Field::declarator_);
      value = declarator ? declarator.child(Field::value_) : Node{};
    } else if (statement.kind() == Kind::expression_statement_ && statement.first_child() &&
               statement.first_child().kind() == Kind::assignment_expression_ &&
               statement.first_child().child(Field::left_).text() == held_.variable) {
      value = statement.first_child().child(Field::right_);
    }
    return value && value.kind() == Kind::call_expression_ && is_opening(value);
  }

  static void add(std::vector<Node>& all, Node statement) {
    if (std::ranges::find(all, statement) == all.end()) all.push_back(statement);
  }

  /// All that opens comes before all that gives up, but for what a check gives up itself.
  bool in_order() {
    const auto inside = [&](Node node) {
      return std::ranges::any_of(
          held_.opening, [&](Node each) { return each != node && covers(each, node.begin(), node.end()); });
    };
    std::erase_if(held_.releasing, inside);
    std::erase_if(held_.opening, inside);
    const auto by_place = [](Node left, Node right) { return left.begin() < right.begin(); };
    std::ranges::sort(held_.opening, by_place);
    std::ranges::sort(held_.releasing, by_place);
    return !held_.releasing.empty() &&
           std::ranges::find(held_.opening, held_.acquire) != held_.opening.end() &&
           held_.opening.back().begin() < held_.releasing.front().begin();
  }

  const Code& code_;
  Held& held_;
  Node call_;
  bool conditional_ = false;
};

}  // namespace

bool Held::serves(Node statement) const {
  return std::ranges::find(opening, statement) != opening.end() ||
         std::ranges::find(releasing, statement) != releasing.end();
}

bool read_held(const Code& code, const source::Range& acquire, Held& held) {
  return Reader(code, held).read(acquire);
}

bool remove_held(const Code& code, const Held& held, Edits& edits) {
  std::vector<Node> all = held.opening;
  all.insert(all.end(), held.releasing.begin(), held.releasing.end());
  for (const Node each : all) {
    const Path way = code.way(each.begin(), each.end());
    const Node around = *(std::ranges::find(way, each) - 1);
    if (around.kind() == Kind::labeled_statement_) {
      // `out:` needs a statement behind it.
      const Node block = *(std::ranges::find(way, each) - 2);
      if (block.kind() != Kind::compound_statement_ || statements(block).back() == around ||
          !code.text.begins_line(each.begin()))
        return false;
    } else if (around.kind() != Kind::compound_statement_) {
      return false;
    }
    edits.remove_lines(each.begin(), each.end());
  }
  if (!held.declared) return true;
  const std::vector<std::string_view> names = declared_names(held.declared);
  if (names.size() == 1) {
    edits.remove_lines(held.declared.begin(), held.declared.end());
    return true;
  }
  // `int fd, count;`
  const std::vector<Node> declarators = children(held.declared);
  for (std::size_t i = 0; i < declarators.size(); ++i) {
    Node name = declarators[i].kind() == Kind::init_declarator_ ? declarators[i].child(Field::declarator_)
                                                                : declarators[i];
    if (declarators[i].field() != Field::declarator_ || name.text() != held.variable) continue;
    const bool last = i + 1 == declarators.size();
    edits.replace(last ? declarators[i - 1].end() : declarators[i].begin(),
                  last ? declarators[i].end() : declarators[i + 1].begin(), "");
    return true;
  }
  return false;
}

bool read_signature(const Code& code, Node function, Signature& signature) {
  const Path way = code.way(function.begin(), function.end());
  for (const Node node : way) {
    if (node.kind() == Kind::template_declaration_) return false;
  }
  Node declarator = function.child(Field::declarator_);
  while (declarator && declarator.kind() != Kind::function_declarator_)
    declarator = declarator.child(Field::declarator_)               ? declarator.child(Field::declarator_)
                 : declarator.kind() == Kind::reference_declarator_ ? declarator.first_child()
                                                                    : Node{};
  const Node body = function.child(Field::body_);
  if (!declarator || !body) return false;
  signature.declarator = declarator;
  signature.name = last_name(function_name(function));
  if (signature.name.empty() || has(signature.name, "~") || has(signature.name, "operator") ||
      has(signature.name, "<"))
    return false;
  const std::string_view behind = code.text.part(declarator.begin(), body.begin());
  if (has(behind, "override") || has(behind, "final") || has(behind, "->")) return false;
  std::string head(code.text.part(function.begin(), declarator.begin()));
  for (char& c : head) c = c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  if (has(head, "virtual") || has(head, "__attribute__") || has(head, "[[") || has(head, "constexpr"))
    return false;
  for (const std::string_view word : {"static ", "inline ", "extern "}) {
    for (std::size_t at = head.find(word); at != std::string::npos; at = head.find(word))
      head.erase(at, word.size());
  }
  const std::size_t first = head.find_first_not_of(' ');
  if (first == std::string::npos) return false;
  signature.type = head.substr(first, head.find_last_not_of(' ') + 1 - first);
  const Node parameters = declarator.child(Field::parameters_);
  for (const Node each : children(parameters)) {
    if (each.text() == "void") continue;
    if (each.kind() != Kind::parameter_declaration_ && each.kind() != Kind::optional_parameter_declaration_)
      return false;
    if (has(each.text(), "&&") || has(each.text(), "unique_ptr")) return false;
    Node name = each.child(Field::declarator_);
    while (name && name.kind() != Kind::identifier_)
      name = name.child(Field::declarator_)               ? name.child(Field::declarator_)
             : name.kind() == Kind::reference_declarator_ ? name.first_child()
                                                          : Node{};
    if (!name) return false;
    if (!signature.parameters.empty()) signature.parameters += ", ";
    signature.parameters += name.text();
  }
  return true;
}

}  // namespace lockwright::fixes::cpp
