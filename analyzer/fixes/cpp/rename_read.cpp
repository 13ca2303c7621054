// Reading a refresh. All that lies between the removal and the end of the content must be known for what it
// is: what depends on the lock file's being there, or hands the handle on, is not taken for a refresh.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/rename.h"
#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

template <std::size_t size>
bool fits(std::string_view asked, std::string_view variable,
          const std::array<std::string_view, size>& forms) {
  return std::ranges::any_of(forms, [&](std::string_view form) {
    std::string wanted(form);
    wanted.replace(wanted.find("{}"), 2, variable);
    return wanted == asked;
  });
}

class Reader {
 public:
  Reader(const Code& code, const findings::Repair& repair) : code_(code), repair_(repair) {}

  bool read() {
    if (repair_.places.size() != 2 || !read_removal() || !read_creation() || !may_throw()) return false;
    const std::vector<Node> all = statements(block_);
    const auto first = std::ranges::find(all, found_.creating);
    if (first == all.end() || !read_between(all, first)) return false;
    auto next = first + 1;
    if (!found_.check && next != all.end() && asks_whether_open(*next)) {
      found_.checking = *next;
      found_.check = failing(next->child(Field::consequence_));
      if (!found_.check) return false;
      ++next;
    }
    // A FILE that is not there must not be written to.
    if (found_.handle == Handle::file && !found_.check) return false;
    return read_end(next, all.end()) && keeps_resources();
  }

  /// `unlink(path); return write_claim(path, agent);`
  bool read_with_helper() {
    if (repair_.places.size() != 2 || !read_removal() || !read_call() || !may_throw()) return false;
    const std::vector<Node> all = statements(block_);
    const auto first = std::ranges::find(all, found_.creating);
    return first != all.end() && read_between(all, first);
  }

  Refresh& found() { return found_; }

 private:
  /// The function may, since strings do.
  [[nodiscard]] bool may_throw() const {
    const Node function = code_.function_at(repair_.places[0].range);
    const Node body = function ? function.child(Field::body_) : Node{};
    if (!body) return false;
    const std::string_view head = code_.text.part(function.begin(), body.begin());
    return !code_.is_cpp() || (!has(head, "noexcept") && !has(head, "~"));
  }

  bool read_removal() {
    found_.removal = code_.call_at(repair_.places[0].range);
    if (!found_.removal) return false;
    const std::string_view name = callee(found_.removal);
    const std::string_view last = last_name(name);
    const std::vector<Node> given = arguments(found_.removal);
    found_.filesystem = has(name, "filesystem::") || name.starts_with("fs::");
    if ((last != "unlink" && last != "remove") || has(name, ".") || has(name, "->") || given.empty())
      return false;
    if (given.size() != 1 && !(found_.filesystem && given.size() == 2)) return false;
    found_.removal_throws = found_.filesystem && given.size() == 1;
    found_.remover = found_.removal.child(Field::function_).text();
    found_.path = without_c_str(given[0]);
    // Said twice, it must be one that may be.
    if (found_.path.empty() || has(found_.path, "(") || has(found_.path, "++") || has(found_.path, "--"))
      return false;
    found_.path_type = type_of_path();
    found_.removing = code_.statement_of(found_.removal);
    return found_.removing && code_.owns_lines(found_.removing) && only_removes(found_.removing) &&
           error_code_is_idle(given);
  }

  /// As the function's own declaration says, or else that of the only member or global of that name.
  [[nodiscard]] std::string_view type_of_path() const {
    const Node function = code_.function_at(repair_.places[0].range);
    const bool plain = last_name(found_.path) == found_.path;
    std::string_view type = plain && function ? declared_type(function) : std::string_view();
    return type.empty() ? declared_type(code_.syntax.root()) : type;
  }

  /// "": none of that name is declared in the scope, or several types are.
  [[nodiscard]] std::string_view declared_type(Node scope) const {
    std::string_view found;
    bool one = true;
    const bool all = scope == code_.syntax.root();
    each_node(code_.syntax, scope, [&](Node node) {
      const bool own = node.kind() == Kind::declaration_ || node.kind() == Kind::parameter_declaration_;
      if (node.kind() != Kind::field_declaration_ && (all || !own)) {
        const Path way =
            all && node.kind() == Kind::declaration_ ? code_.way(node.begin(), node.end()) : Path();
        const bool global = !way.empty() && std::ranges::none_of(way, [](Node around) {
          return around.kind() == Kind::function_definition_;
        });
        if (!global) return;
      }
      const Node type = node.child(Field::type_);
      if (!type) return;
      for (Node declarator : node.children()) {
        if (declarator.field() != Field::declarator_) continue;
        while (declarator && declarator.kind() != Kind::identifier_ &&
               declarator.kind() != Kind::field_identifier_)
          declarator = declarator.child(Field::declarator_) ? declarator.child(Field::declarator_)
                       : declarator.kind() == Kind::reference_declarator_ ? declarator.first_child()
                                                                          : Node{};
        if (!declarator || declarator.text() != last_name(found_.path)) continue;
        one &= found.empty() || found == type.text();
        found = type.text();
      }
    });
    return one ? found : std::string_view();
  }

  /// The call, be it asked whether there is something to remove, or whether that has failed.
  bool only_removes(Node statement) {
    if (call_of(statement) == found_.removal) return true;
    if (statement.kind() == Kind::declaration_) return false;
    if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_)) return false;
    const Node condition = statement.child(Field::condition_);
    const std::vector<Node> body = body_statements(statement.child(Field::consequence_));
    if (covers(condition, found_.removal.begin(), found_.removal.end())) {
      found_.asks_for_loss = !has(condition.text(), "ENOENT");
      return std::ranges::all_of(body, [](Node each) {
        constexpr std::array tells = {"perror", "fprintf", "syslog", "warn", "printf"};
        const Node call = call_of(each);
        return leaves(each) || (call && std::ranges::find(tells, last_name(callee(call))) != tells.end());
      });
    }
    // Only where there is a file: then all the same is replaced. Any other condition is one for the creation.
    const std::vector<Node> asked = code_.calls(condition);
    const bool exists = asked.size() == 1 && !arguments(asked[0]).empty() &&
                        without_c_str(arguments(asked[0])[0]) == found_.path &&
                        !has(condition.text(), "&&") && !has(condition.text(), "||");
    constexpr std::array asks = {"exists", "access", "stat", "lstat", "is_regular_file"};
    return exists && std::ranges::find(asks, last_name(callee(asked[0]))) != asks.end() && body.size() == 1 &&
           call_of(body[0]) == found_.removal;
  }

  /// `remove(path, error)`: nobody looks at the error.
  [[nodiscard]] bool error_code_is_idle(const std::vector<Node>& given) const {
    if (given.size() < 2) return true;
    if (given[1].kind() != Kind::identifier_) return false;
    const Node function = code_.function_at(repair_.places[0].range);
    return std::ranges::all_of(code_.names(function, given[1].text()), [&](Node name) {
      const Node statement = code_.statement_of(name);
      return statement == found_.removing || statement.kind() == Kind::declaration_;
    });
  }

  /// The statement, of the block that it and all that follows is in.
  bool find_creating(const source::Range& creation) {
    for (const Node node : code_.way(creation.begin, creation.end)) {
      if (node.kind() == Kind::compound_statement_) block_ = node;
      if (node.kind() == Kind::lambda_expression_) block_ = {};
    }
    if (!block_ || creation.begin < found_.removing.end()) return false;
    found_.creating = child_at(block_, creation.begin, creation.end);
    return found_.creating && code_.owns_lines(found_.creating);
  }

  /// The helper is told the file's name, and nothing else there depends on it.
  bool read_call() {
    const findings::Place& creation = repair_.places[1];
    if (creation.through.size() != 1 || creation.here().file != code_.file || !find_creating(creation.here()))
      return false;
    found_.creation = code_.call_at(creation.here());
    std::size_t told = 0;
    for (const Node each : found_.creation ? arguments(found_.creation) : std::vector<Node>()) {
      if (without_c_str(each) != found_.path) continue;
      found_.path_argument = {each.begin(), each.end()};
      ++told;
    }
    const std::string_view text = found_.creating.text();
    return told == 1 && text.find(found_.path) == text.rfind(found_.path);
  }

  bool read_creation() {
    const source::Range& creation = repair_.places[1].range;
    if (!find_creating(creation)) return false;
    const Node call = code_.call_at(creation);
    const std::string_view name = call ? callee(call) : std::string_view();
    if (name == "open" || name == "fopen" || name == "std::fopen") {
      found_.creation = call;
      found_.handle = name == "open" ? Handle::descriptor : Handle::file;
      const std::vector<Node> given = arguments(call);
      if (given.size() < 2 || !writes_anew(given)) return false;
      found_.path_argument = {given[0].begin(), given[0].end()};
      return without_c_str(given[0]) == found_.path && read_variable();
    }
    return read_stream();
  }

  [[nodiscard]] bool writes_anew(const std::vector<Node>& given) const {
    const std::string_view how = given[1].text();
    if (found_.handle == Handle::file) return how.starts_with("\"w");
    constexpr std::array<std::string_view, 8> known = {"O_WRONLY",  "O_RDWR",     "O_CREAT", "O_EXCL",
                                                       "O_CLOEXEC", "O_NOFOLLOW", "O_TRUNC", "O_NOCTTY"};
    bool fine = has(how, "O_CREAT") && given.size() == 3;
    each_node(code_.syntax, given[1], [&](Node node) {
      if (node.kind() == Kind::identifier_ && node.past() == node.id() + 1)
        fine &= std::ranges::find(known, node.text()) != known.end();
      fine &= node.kind() != Kind::call_expression_ && node.kind() != Kind::conditional_expression_;
    });
    return fine;
  }

  /// `int fd = open(…);`, `fd = open(…);`, `if ((fd = open(…)) < 0) return -1;`
  bool read_variable() {
    const Node statement = found_.creating;
    Node name;
    for (const Node node : code_.way(found_.creation.begin(), found_.creation.end())) {
      if (node.begin() < statement.begin() || !covers(statement, node.begin(), node.end())) continue;
      if (node.kind() == Kind::init_declarator_) name = node.child(Field::declarator_);
      if (node.kind() == Kind::assignment_expression_) name = node.child(Field::left_);
    }
    while (name && name.kind() == Kind::pointer_declarator_) name = name.child(Field::declarator_);
    if (!name || name.kind() != Kind::identifier_) return false;
    found_.variable = name.text();
    if (statement.kind() == Kind::declaration_) return declared_names(statement).size() == 1;
    if (statement.kind() == Kind::expression_statement_)
      return statement.first_child().kind() == Kind::assignment_expression_;
    if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_)) return false;
    std::string asked = squeezed(statement.child(Field::condition_).text());
    const std::string made = fmt::format("({}={})", found_.variable, squeezed(found_.creation.text()));
    const std::size_t at = asked.find(made);
    if (at == std::string::npos) return false;
    asked.replace(at, made.size(), found_.variable);
    found_.check = failing(statement.child(Field::consequence_));
    return found_.check && fits(asked, found_.variable, closed_forms);
  }

  /// `std::ofstream out(path);`, which reads like the declaration of a function.
  bool read_stream() {
    const Node type =
        found_.creating.kind() == Kind::declaration_ ? found_.creating.child(Field::type_) : Node{};
    const Node declarator = found_.creating.child(Field::declarator_);
    if (!type || (type.text() != "std::ofstream" && type.text() != "ofstream") || !declarator) return false;
    const std::string_view text = declarator.text();
    const std::size_t bracket = text.find_first_of("({");
    if (bracket == std::string_view::npos || has(text, "app") || has(text, "ate")) return false;
    found_.handle = Handle::stream;
    found_.variable = text.substr(0, bracket);
    while (found_.variable.ends_with(' ')) found_.variable.remove_suffix(1);
    std::size_t end = bracket + 1;
    for (int depth = 0; end < text.size(); ++end) {
      if (depth == 0 && (text[end] == ',' || text[end] == ')' || text[end] == '}')) break;
      depth += text[end] == '(' || text[end] == '{' ? 1 : 0;
      depth -= text[end] == ')' || text[end] == '}' ? 1 : 0;
    }
    found_.path_argument = {declarator.begin() + bracket + 1, declarator.begin() + end};
    return without_c_str(text.substr(bracket + 1, end - bracket - 1)) == found_.path;
  }

  /// What comes between must not depend on the file's being gone, and the way to the creation must lead
  /// through the removal.
  bool read_between(const std::vector<Node>& all, std::vector<Node>::const_iterator first) const {
    const Path way = code_.way(block_.begin(), block_.end());
    Node outer;
    for (const Node node : way) {
      const bool has_both = covers(node, found_.removing.begin(), found_.removing.end());
      if (has_both && node.kind() == Kind::compound_statement_) outer = node;
      if (!has_both && node.kind() != Kind::compound_statement_) return false;
    }
    if (!outer) return false;
    const auto between = [&](const std::vector<Node>& some, std::uint32_t end) {
      return std::ranges::none_of(some, [&](Node each) {
        return each.begin() > found_.removing.begin() && each.end() <= end && has(each.text(), found_.path);
      });
    };
    if (outer == block_) {
      const auto own = std::ranges::find(all, found_.removing);
      return own < first && between(all, found_.creating.begin());
    }
    const std::vector<Node> others = statements(outer);
    return std::ranges::find(others, found_.removing) != others.end() && between(others, block_.begin()) &&
           between(all, found_.creating.begin());
  }

  static constexpr std::array<std::string_view, 15> closed_forms = {
      "({}<0)",        "({}==-1)",   "(-1=={})",    "(!{})",         "({}==NULL)",
      "({}==nullptr)", "(NULL=={})", "({}.fail())", "(nullptr=={})", "(!{}.is_open())",
      "(!{}.good())",  "({}.bad())", "(0>{})",      "({}==0)",       "(not{})"};

  [[nodiscard]] bool asks_whether_open(Node statement) const {
    return statement.kind() == Kind::if_statement_ && !statement.child(Field::alternative_) &&
           fits(squeezed(statement.child(Field::condition_).text()), found_.variable, closed_forms);
  }

  /// What such a branch does can be done later, too.
  [[nodiscard]] std::optional<Failing> failing(Node body) const {
    Failing result{.statements = body_statements(body), .last = ""};
    if (result.statements.empty() || result.statements.size() > 4 || !ends_by_leaving(body))
      return std::nullopt;
    for (const Node each : result.statements) {
      const bool last = each == result.statements.back();
      if (each.kind() == Kind::preproc_if_ || each.kind() == Kind::preproc_ifdef_) return std::nullopt;
      for (const Node call : code_.calls(each)) {
        const std::string_view name = last_name(callee(call));
        if (name == "unlink" || name == "remove") return std::nullopt;
      }
      if (code_.names(each, found_.variable).empty()) continue;
      if (!last || squeezed(each.text()) != fmt::format("return{};", found_.variable)) return std::nullopt;
      if (found_.handle != Handle::descriptor) return std::nullopt;
      result.last = "return -1;";
    }
    const Node last = result.statements.back();
    if (last.kind() == Kind::goto_statement_ && !label_is_free(last)) return std::nullopt;
    return result;
  }

  /// Where a goto leads, the handle, which is closed by then, is not needed.
  [[nodiscard]] bool label_is_free(Node jump) const {
    const Node wanted = jump.child(Field::label_);
    const Node function = code_.function_at(repair_.places[0].range);
    bool fine = static_cast<bool>(wanted);
    each_node(code_.syntax, function, [&](Node node) {
      if (node.kind() != Kind::labeled_statement_ || !fine) return;
      const Node label = node.child(Field::label_);
      if (!label || label.text() != wanted.text()) return;
      for (const Node use : code_.names(function, found_.variable)) fine &= use.begin() < node.begin();
    });
    return fine;
  }

  /// Whether the content has its end in this statement, and what it does then.
  bool closes(Node statement) {
    const Node call = call_of(statement);
    if (found_.handle == Handle::stream) return closes_stream(statement);
    if (call && closes_handle(call)) return true;
    std::string told;
    if (statement.kind() == Kind::return_statement_) told = squeezed(statement.text());
    if (statement.kind() == Kind::if_statement_ && !statement.child(Field::alternative_))
      told = squeezed(statement.child(Field::condition_).text());
    std::string closing;
    for (const Node each : code_.calls(statement)) {
      if (closes_handle(each)) closing = squeezed(each.text());
    }
    if (closing.empty() || told.empty()) return false;
    if (statement.kind() == Kind::return_statement_) {
      const bool plain = told == fmt::format("return{};", closing);
      const bool truth =
          told == fmt::format("return{}==0;", closing) || told == fmt::format("return!{};", closing);
      if (!plain && !truth) return false;
      found_.closing_success = plain ? "return 0;" : "return true;";
      found_.closing_failing = Failing{.statements = {}, .last = plain ? "return -1;" : "return false;"};
      return true;
    }
    constexpr std::array<std::string_view, 6> forms = {"({}!=0)",  "({}<0)",    "({})",
                                                       "({}==-1)", "({}==EOF)", "({}!=EXIT_SUCCESS)"};
    if (!fits(told, closing, forms)) return false;
    found_.closing_failing = failing(statement.child(Field::consequence_));
    return found_.closing_failing.has_value();
  }

  [[nodiscard]] bool closes_handle(Node call) const {
    const std::string_view name = last_name(callee(call));
    const std::vector<Node> given = arguments(call);
    const std::string_view wanted = found_.handle == Handle::file ? "fclose" : "close";
    return name == wanted && given.size() == 1 && given[0].text() == found_.variable;
  }

  bool closes_stream(Node statement) {
    if (statement.kind() == Kind::return_statement_) {
      const std::string told = squeezed(statement.text());
      constexpr std::array<std::string_view, 6> forms = {
          "return{}.good();", "return!{}.fail();", "returnstatic_cast<bool>({});",
          "returnbool({});",  "return(bool){};",   "return!!{};"};
      if (!fits(told, found_.variable, forms)) return false;
      found_.closing_success = "return true;";
      found_.closing_failing = Failing{.statements = {}, .last = "return false;"};
      return true;
    }
    if (!asks_whether_open(statement)) return false;
    found_.closing_failing = failing(statement.child(Field::consequence_));
    return found_.closing_failing.has_value();
  }

  /// The statement that closes, or, for a stream, the last one that has to do with it.
  bool read_end(std::vector<Node>::const_iterator next, std::vector<Node>::const_iterator end) {
    auto last = end;
    for (auto each = next; each != end; ++each) {
      // Behind a return, only a goto that gives up leads here.
      if (each->kind() == Kind::labeled_statement_ && each != next && leaves(*(each - 1))) break;
      if (!code_.names(*each, found_.variable).empty()) last = each;
    }
    if (last == end) return false;
    if (last->kind() == Kind::labeled_statement_) {
      if (last == next || !closes_at_label(*last, *(last - 1))) return false;
    } else if (closes(*last)) {
      found_.closing = *last;
    } else if (found_.handle != Handle::stream || leaves(*last)) {
      return false;
    }
    for (auto each = next; each != end; ++each) {
      if (each < last || (each == last && !found_.closing && !found_.rename_before)) {
        if (!code_.owns_lines(*each) || !is_plain(*each)) return false;
        found_.writing.push_back(*each);
      } else if (each > last) {
        if (each->kind() == Kind::labeled_statement_ && leaves(*(each - 1))) break;
        found_.rest.push_back(*each);
      }
    }
    return !found_.closing || code_.owns_lines(found_.closing);
  }

  /// `out: close(fd);`, for better or worse: the rename comes before the function says that all went well,
  /// and its failure goes where others go. What a FILE holds back would come too late.
  bool closes_at_label(Node labeled, Node before) {
    Node closing;
    for (const Node each : labeled.children()) {
      if (each.kind() != Kind::statement_identifier_) closing = each;
    }
    const Node call = closing ? call_of(closing) : Node{};
    if (found_.handle != Handle::descriptor || !call || !closes_handle(call) || leaves(before)) return false;
    const Node function = code_.function_at(repair_.places[0].range);
    each_node(code_.syntax, function, [&](Node node) {
      const Node body = node.kind() == Kind::if_statement_ ? node.child(Field::consequence_) : Node{};
      if (!body || node.begin() < found_.creating.end() || node.child(Field::alternative_)) return;
      const std::vector<Node> all = body_statements(body);
      if (all.empty() || all.back().kind() != Kind::goto_statement_) return;
      const Node label = all.back().child(Field::label_);
      if (!label || label.text() != labeled.child(Field::label_).text() || all.size() > 4) return;
      // What is said about that failure is not about this one.
      const bool tells = std::ranges::any_of(all, [&](Node each) { return !code_.calls(each).empty(); });
      if (!tells) found_.closing_failing = Failing{.statements = all, .last = ""};
    });
    found_.rename_before = before;
    return found_.closing_failing && says_success(before);
  }

  /// `ret = 0;`, where the variable says failure until then, or the branch that is taken does.
  [[nodiscard]] bool says_success(Node statement) const {
    const Node value = statement.kind() == Kind::expression_statement_ ? statement.first_child() : Node{};
    if (!value || value.kind() != Kind::assignment_expression_ || value.child(Field::right_).has_effect())
      return false;
    const std::string_view variable = value.child(Field::left_).text();
    const auto assigns = [&](Node node) {
      return node.kind() == Kind::assignment_expression_ && node.child(Field::left_).text() == variable;
    };
    bool told = false;
    for (const Node each : found_.closing_failing->statements)
      each_node(code_.syntax, each, [&](Node node) { told |= assigns(node); });
    bool untouched = true;
    const Node function = code_.function_at(repair_.places[0].range);
    each_node(code_.syntax, function, [&](Node node) { untouched &= !assigns(node) || node == value; });
    return told || untouched;
  }

  /// Not what only some compilers see, no place to jump to, and no other end of the handle.
  [[nodiscard]] bool is_plain(Node statement) const {
    bool fine = true;
    each_node(code_.syntax, statement, [&](Node node) {
      switch (node.kind()) {
        case Kind::preproc_if_:
        case Kind::preproc_ifdef_:
        case Kind::labeled_statement_:
        case Kind::lambda_expression_:
        case Kind::co_await_expression_:
        case Kind::try_statement_: fine = false; break;
        // `self->fd = fd;`, `return fd;`
        case Kind::assignment_expression_: {
          const Node from = node.child(Field::right_);
          fine &= !from || from.text() != found_.variable;
          break;
        }
        case Kind::return_statement_:
          fine &= !node.first_child() || node.first_child().text() != found_.variable;
          break;
        default: break;
      }
    });
    return fine;
  }

  /// Whoever leaves at the end because of a failure skips what follows: nothing there may give back what has
  /// been got in between, unless that is done when something fails, too.
  [[nodiscard]] bool keeps_resources() const {
    const std::optional<Failing>& failing = found_.closing_failing ? found_.closing_failing : found_.check;
    if (!failing) return true;
    return std::ranges::all_of(found_.rest, [&](Node each) {
      return std::ranges::all_of(code_.calls(each), [&](Node call) {
        const std::string_view name = last_name(callee(call));
        constexpr std::array words = {"free",    "close", "release", "unlock",
                                      "destroy", "put",   "unref",   "clear"};
        if (std::ranges::none_of(words, [&](std::string_view word) { return has(name, word); })) return true;
        if (std::ranges::any_of(failing->statements,
                                [&](Node other) { return has(other.text(), call.text()); }))
          return true;
        bool idle = true;
        each_node(code_.syntax, call.child(Field::arguments_), [&](Node node) {
          if (node.kind() != Kind::identifier_) return;
          for (const Node write : found_.writing) idle &= code_.names(write, node.text()).empty();
        });
        return idle;
      });
    });
  }

  const Code& code_;
  const findings::Repair& repair_;
  Node block_;
  Refresh found_;
};

}  // namespace

std::optional<Refresh> read_refresh_with_helper(const Code& code, const findings::Repair& repair) {
  Reader reader(code, repair);
  if (!reader.read_with_helper()) return std::nullopt;
  return std::move(reader.found());
}

std::optional<Refresh> read_refresh(const Code& code, const findings::Repair& repair) {
  Reader reader(code, repair);
  if (!reader.read()) return std::nullopt;
  return std::move(reader.found());
}

}  // namespace lockwright::fixes::cpp
