// LW302: a registry of handles becomes one of the library's holds.
//
// Where the lock file is made, the hold is what goes into the registry; and giving it up is one synchronous
// call, right before its entry is erased. This moves where one place fills the registry and nobody else needs
// the handle.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "analyzer/fixes/typescript/section.h"

namespace lockwright::fixes::typescript {
namespace {

using frontends::typescript::stripped;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Node statement_of(const Code& code, Node node) {
  Node found;
  const Path way = code.way(node);
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (is_block(way[i - 1])) found = way[i];
  }
  return found;
}

/// `await fs.open(path, "wx")`: the call.
Node creation_in(Node value) {
  if (!value || value.kind() != Kind::await_expression_) return {};
  const Node call = stripped(value.first_child());
  if (call.kind() != Kind::call_expression_ || last_name(callee(call)) != "open") return {};
  const std::vector<Node> given = arguments(call);
  return given.size() > 1 && has(given[1].text(), "wx") ? call : Node{};
}

/// The one declarator of the name below `scope`; none if there are others.
Node declarator_of(const Code& code, Node scope, std::string_view name) {
  Node found;
  std::size_t count = 0;
  each_node(code.syntax(), scope, [&](Node node) {
    if (node.kind() != Kind::variable_declarator_ || !node.child(Field::name_)) return;
    if (node.child(Field::name_).text() != name) return;
    found = node;
    ++count;
  });
  return count == 1 ? found : Node{};
}

class Move {
 public:
  Move(const Code& code, const findings::Repair& repair) : code_(code), repair_(repair) {}

  bool read() {
    const Node call = code_.call_at(repair_.places[0].range);
    if (!call || !callee(call).ends_with(".delete") || arguments(call).size() != 1) return false;
    registry_ = callee(call).substr(0, callee(call).size() - 7);
    key_ = arguments(call)[0].text();
    erase_ = statement_of(code_, call);
    return erase_ && read_clean_ups() && read_fill() && read_target() && read_type() && nobody_else();
  }

  bool write(Edits& edits) const {
    const Node waits = code_.way(creation_)[code_.way(creation_).size() - 2];
    edits.replace(waits.begin(), waits.end(),
                  fmt::format("await new FileLock({}).acquire({{ timeout: 0 }})", target_));
    if (type_.end > 0) edits.replace(type_.begin, type_.end, "Hold");
    if (named_) edits.remove_lines(named_.begin(), named_.end());
    const bool optional = has(clean_ups_[0].text(), fmt::format("{}?.", handle_));
    const std::string release =
        fmt::format("{}{}.release(){}", handle_, optional ? "?" : "", code_.semicolon());
    edits.add_lines_before(erase_.begin(), code_.text().indent(erase_.begin()), std::array{release});
    for (const Node each : clean_ups_) edits.remove_lines(each.begin(), each.end());
    remove_idle_imports(code_, edits, [&](Node node) { return goes(node); });
    std::vector<std::string> names = {"FileLock"};
    if (type_.end > 0) names.emplace_back("type Hold");
    return code_.import_library(edits, names);
  }

 private:
  /// What stands here is gone when this has moved.
  [[nodiscard]] bool goes(Node node) const {
    const auto inside = [&](Node each) { return each && covers(each, node.begin(), node.end()); };
    return inside(creation_) || inside(named_) || std::ranges::any_of(clean_ups_, inside);
  }

  bool read_clean_ups() {
    const Node function = code_.function_at(repair_.places[0].range);
    for (std::size_t i = 1; i < repair_.places.size(); ++i) {
      const source::Range& range = repair_.places[i].here();
      if (range.file != code_.file()) return false;
      const Node statement =
          child_at(code_.common_block(repair_.places[0].range, range), range.begin, range.end);
      if (!statement || statement.kind() != Kind::expression_statement_ || !code_.owns_lines(statement) ||
          statement.begin() < erase_.begin() ||
          code_.function_at({code_.file(), statement.begin(), statement.end()}) != function) {
        return false;
      }
      if (std::ranges::find(clean_ups_, statement) == clean_ups_.end()) clean_ups_.push_back(statement);
    }
    if (clean_ups_.empty()) return false;
    std::ranges::sort(clean_ups_, {}, [](Node each) { return each.begin(); });
    return !has(code_.text().part(erase_.end(), clean_ups_[0].begin()), "await");
  }

  /// `held.set(path, await fs.open(…))`, be it by way of a variable; and what the releaser calls the handle.
  bool read_fill() {
    std::size_t fills = 0;
    each_node(code_.syntax(), code_.root(), [&](Node node) {
      if (node.kind() != Kind::call_expression_ || callee(node) != fmt::format("{}.set", registry_)) return;
      fill_ = node;
      ++fills;
    });
    if (fills != 1 || arguments(fill_).size() != 2) return false;
    const Node value = arguments(fill_)[1];
    function_ = code_.function_at({code_.file(), fill_.begin(), fill_.end()});
    creation_ = creation_in(value);
    if (!creation_ && value.kind() == Kind::identifier_) {
      const Node declared = declarator_of(code_, function_, value.text());
      creation_ = declared ? creation_in(declared.child(Field::value_)) : Node{};
      kept_ = value.text();
    }
    if (!creation_) return false;
    const Node releasing = code_.function_at(repair_.places[0].range);
    each_node(code_.syntax(), releasing, [&](Node node) {
      if (node.kind() != Kind::variable_declarator_ || !node.child(Field::value_)) return;
      if (node.child(Field::value_).text() == fmt::format("{}.get({})", registry_, key_))
        handle_ = node.child(Field::name_).text();
    });
    // A closure of the function that acquires has it.
    if (handle_.empty() && covers(function_, releasing.begin(), releasing.end())) handle_ = kept_;
    if (handle_.empty()) return false;
    bool fine = true;
    const auto used_by = [&](std::string_view name, Node scope) {
      for (const Node use : code_.names(scope, name)) {
        const bool cleans =
            std::ranges::any_of(clean_ups_, [&](Node each) { return covers(each, use.begin(), use.end()); });
        const Path way = code_.way(use);
        const bool declares = way[way.size() - 2].kind() == Kind::variable_declarator_;
        const Node statement = statement_of(code_, use);
        const bool asks =
            std::ranges::any_of(way, [&](Node around) { return around.field() == Field::condition_; });
        fine &= cleans || declares || asks || covers(fill_, use.begin(), use.end()) || !statement;
      }
    };
    used_by(handle_, releasing);
    if (!kept_.empty()) used_by(kept_, function_);
    return fine && !code_.names(clean_ups_[0], handle_).empty();
  }

  bool read_target() {
    Node path = arguments(creation_)[0];
    if (path.kind() == Kind::identifier_) {
      const Node declared = declarator_of(code_, function_, path.text());
      if (!declared) return false;
      const bool idle = std::ranges::all_of(code_.names(code_.root(), path.text()), [&](Node name) {
        return covers(declared, name.begin(), name.end()) || covers(creation_, name.begin(), name.end()) ||
               std::ranges::any_of(clean_ups_,
                                   [&](Node each) { return covers(each, name.begin(), name.end()); });
      });
      const Node statement = statement_of(code_, declared);
      if (idle && code_.owns_lines(statement)) named_ = statement;
      path = declared.child(Field::value_);
    }
    const std::string_view text = path.text();
    if (path.kind() != Kind::template_string_ || !text.ends_with(".lock`")) return false;
    const std::string_view inside = text.substr(1, text.size() - 7);
    const bool only = inside.starts_with("${") && inside.find('}') == inside.size() - 1;
    target_ = only ? std::string(inside.substr(2, inside.size() - 3)) : fmt::format("`{}`", inside);
    return !inside.empty();
  }

  /// `Map<string, fs.FileHandle>`, where the registry is made.
  bool read_type() {
    const std::string_view name = last_name(registry_);
    Node made;
    each_node(code_.syntax(), code_.root(), [&](Node node) {
      const bool declares =
          node.kind() == Kind::variable_declarator_ || node.kind() == Kind::public_field_definition_;
      if (declares && node.child(Field::name_) && node.child(Field::name_).text() == name) made = node;
    });
    if (!made || !has(made.text(), "new Map")) return false;
    const std::size_t at = made.text().find("FileHandle");
    if (at == std::string_view::npos) return !has(made.text(), "<");
    std::size_t begin = at;
    while (begin > 0 && (made.text()[begin - 1] == '.' ||
                         std::isalnum(static_cast<unsigned char>(made.text()[begin - 1])) != 0))
      --begin;
    type_ = {made.begin() + begin, made.begin() + at + 10};
    return made.text().find("FileHandle", at + 1) == std::string_view::npos &&
           code_.syntax().symbol("Hold") == frontends::Symbol::none;
  }

  /// Who else uses the registry's handles, or takes part in the lock file's protocol?
  [[nodiscard]] bool nobody_else() const {
    bool fine =
        code_.syntax().symbol("FileLock") == frontends::Symbol::none || code_.imports_library("FileLock");
    each_node(code_.syntax(), code_.root(), [&](Node node) {
      const bool string = node.kind() == Kind::string_ || node.kind() == Kind::template_string_;
      fine &= !string || goes(node) || (!has(node.text(), "EEXIST") && !has(node.text(), ".lock"));
      if (node.kind() != Kind::member_expression_ || !node.child(Field::object_)) return;
      if (node.child(Field::object_).text() != registry_) return;
      const std::string_view member = node.child(Field::property_) ? node.child(Field::property_).text() : "";
      const bool own = covers(erase_, node.begin(), node.end()) || covers(fill_, node.begin(), node.end());
      const Path way = code_.way(node);
      const bool handle = member == "get" && way.size() > 3 &&
                          way[way.size() - 3].kind() == Kind::variable_declarator_ &&
                          way[way.size() - 3].child(Field::name_).text() == handle_;
      fine &= own || handle || member == "has" || member == "size";
    });
    return fine;
  }

  const Code& code_;
  const findings::Repair& repair_;
  Node erase_;
  std::string_view registry_;
  std::string_view key_;
  std::vector<Node> clean_ups_;
  Node fill_;
  Node function_;  ///< that fills
  Node creation_;
  std::string_view kept_;    ///< the variable by which it fills; "": none
  std::string_view handle_;  ///< the releaser's
  std::string target_;
  Node named_;  ///< the declaration of the lock file's name, when nothing else needs it
  Span type_;
};

}  // namespace

Proposals move_registry(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() < 2 || !repair.places[0].through.empty() ||
      repair.places[0].range.file != code.file())
    return {};
  Move move(code, repair);
  Edits edits(code.file(), code.text());
  if (!move.read() || !move.write(edits)) return {};
  return library_move(edits, "Use @lockwright/runtime's FileLock, and keep its holds");
}

}  // namespace lockwright::fixes::typescript
