// Reading a section's lock: how the file is opened or made, what it is called, how long one waits for it, and
// what is done when it is not to be had.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/cpp/section.h"

namespace lockwright::fixes::cpp {
namespace {

/// The value that a declaration of one variable, or an assignment, gives it; and the variable's name.
struct Binding {
  std::string_view variable;
  Node value;
};

Binding binding_of(Node statement) {
  if (statement.kind() == Kind::declaration_) {
    Node declarator;
    std::size_t declarators = 0;
    for (const Node child : statement.children()) {
      if (child.field() != Field::declarator_) continue;
      declarator = child;
      ++declarators;
    }
    if (declarators != 1 || declarator.kind() != Kind::init_declarator_) return {};
    Node name = declarator.child(Field::declarator_);
    while (name && name.kind() == Kind::pointer_declarator_) name = name.child(Field::declarator_);
    if (!name || name.kind() != Kind::identifier_) return {};
    return {.variable = name.text(), .value = frontends::cpp::stripped(declarator.child(Field::value_))};
  }
  const Node inner = statement.kind() == Kind::expression_statement_
                         ? frontends::cpp::stripped(statement.first_child())
                         : Node{};
  if (!inner || inner.kind() != Kind::assignment_expression_) return {};
  const Node left = inner.child(Field::left_);
  if (!left || left.kind() != Kind::identifier_ || inner.child(Field::operator_).kind() != Kind::assign)
    return {};
  return {.variable = left.text(), .value = frontends::cpp::stripped(inner.child(Field::right_))};
}

/// A call that only lets time pass.
bool pauses(Node statement) {
  const Node call = call_of(statement);
  const std::string_view name = call ? last_name(callee(call)) : std::string_view();
  return has(name, "sleep") || has(name, "yield");
}

/// What a condition says of a call, or of a variable: it failed.
bool says_failed(std::string_view condition, std::string_view subject) {
  const std::string all = squeezed(condition);
  const std::string what = squeezed(subject);
  for (const std::string_view form : {"({}<0)", "({}==-1)", "(0>{})", "(-1=={})", "({}!=0)", "({})"}) {
    std::string wanted(form);
    wanted.replace(wanted.find("{}"), 2, what);
    if (all == wanted) return true;
  }
  return false;
}

}  // namespace

std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') result += c;
  }
  return result;
}

bool Section::Failure::throws() const {
  if (!body) return false;
  const std::vector<Node> all =
      body.kind() == Kind::compound_statement_ ? statements(body) : std::vector{body};
  if (all.empty()) return false;
  const std::string last = squeezed(all.back().text());
  constexpr std::array errors = {"throwstd::runtime_error", "throwstd::system_error",
                                 "throwstd::filesystem::filesystem_error"};
  return std::ranges::any_of(errors, [&](std::string_view each) { return last.starts_with(each); });
}

/// `open(p, O_CREAT | O_EXCL, 0600)`, `mkdir(p, 0700)`.
bool Section::read_creation(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  creates_ = (name == "open" && given.size() > 1 && has(given[1].text(), "O_EXCL")) ||
             (name == "mkdir" && given.size() == 2);
  if (!creates_) return false;
  opened_ = call;
  path_ = without_c_str(given[0]);
  once_ = true;
  return true;
}

/// `flock(fd, LOCK_EX)`, `lockf(fd, F_LOCK, 0)`, `fcntl(fd, F_SETLKW, &whole)`.
bool Section::read_kernel_lock(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (given.size() < 2) return false;
  const std::string_view how = given[1].text();
  if (name == "flock") {
    flock_ = true;
    once_ = has(how, "LOCK_NB");
    shared_ = has(how, "LOCK_SH");
    if (!shared_ && !has(how, "LOCK_EX")) return false;
  } else if (name == "lockf") {
    once_ = how == "F_TLOCK";
    if ((!once_ && how != "F_LOCK") || given.size() < 3 || given[2].text() != "0") return false;
  } else if (name == "fcntl") {
    once_ = how == "F_SETLK" || how == "F_OFD_SETLK";
    if ((!once_ && how != "F_SETLKW" && how != "F_OFD_SETLKW") || !read_record(call)) return false;
  } else {
    return false;
  }
  Node handle = frontends::cpp::stripped(given[0]);
  if (handle.kind() == Kind::call_expression_ && callee(handle) == "fileno" && arguments(handle).size() == 1)
    handle = frontends::cpp::stripped(arguments(handle)[0]);
  if (handle.kind() != Kind::identifier_) return false;
  variable_ = handle.text();
  call_ = call;
  // The one place that gives the handle its value; `int fd = -1;` gives it none.
  bool fine = true;
  each_node(code_.syntax, function_, [&](Node node) {
    const bool assigns = node.kind() == Kind::assignment_expression_;
    if (!assigns && node.kind() != Kind::init_declarator_) return;
    Node to = node.child(assigns ? Field::left_ : Field::declarator_);
    while (to && to.kind() == Kind::pointer_declarator_) to = to.child(Field::declarator_);
    if (!to || to.text() != variable_) return;
    const Node value = frontends::cpp::stripped(node.child(assigns ? Field::right_ : Field::value_));
    if (value && value.kind() != Kind::call_expression_) return;
    // `int fd = fileno(file);`: somebody else's
    fine &= value && !opened_ && read_open(value);
  });
  return fine && opened_;
}

/// fcntl's record must be the whole file.
bool Section::read_record(Node call) {
  const std::vector<Node> given = arguments(call);
  if (given.size() < 3 || !given[2].text().starts_with('&')) return false;
  const std::string_view record = given[2].text().substr(1);
  bool fine = true;
  bool typed = false;
  each_node(code_.syntax, function_, [&](Node node) {
    const bool sets = node.kind() == Kind::assignment_expression_ &&
                      node.child(Field::left_).text().starts_with(fmt::format("{}.", record));
    const bool declares = node.kind() == Kind::init_declarator_ && node.child(Field::declarator_) &&
                          node.child(Field::declarator_).text() == record;
    if (!sets && !declares) return;
    const std::string text = squeezed(node.text());
    for (const std::string_view part : {std::string_view("l_start="), std::string_view("l_len=")}) {
      const std::size_t at = text.find(part);
      if (at == std::string::npos) continue;
      const std::string rest = text.substr(at + part.size());
      fine &= rest.starts_with('0') && (rest.size() == 1 || rest[1] == ',' || rest[1] == '}');
    }
    if (has(text, "F_WRLCK") || has(text, "F_RDLCK")) {
      fine &= !typed;
      typed = true;
      shared_ = has(text, "F_RDLCK");
    }
  });
  return fine && typed;
}

bool Section::read_open(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  if (given.size() < 2) return false;
  opened_ = call;
  path_ = without_c_str(given[0]);
  if (name == "open") {
    Node flags = given[1];
    if (flags.kind() == Kind::identifier_) {
      for (const Node use : code_.names(function_, flags.text())) {
        const Path way = code_.way(use.begin(), use.end());
        const Node parent = way[way.size() - 2];
        if (parent.kind() == Kind::init_declarator_ && parent.child(Field::value_)) flags = parent;
      }
    }
    truncates_ = has(flags.text(), "O_TRUNC");
    return !has(flags.text(), "O_EXCL");
  }
  if (name != "fopen" && name != "std::fopen") return false;
  truncates_ = has(given[1].text(), "w");
  return given[1].kind() == Kind::string_literal_;
}

/// `if (<call> != 0) { <clean up>; return -1; }`
bool Section::read_failure(Node statement, Node call, Failure& failure) const {
  if (statement.kind() != Kind::if_statement_ || statement.child(Field::alternative_)) return false;
  const Node condition = statement.child(Field::condition_);
  const Node body = statement.child(Field::consequence_);
  if (!condition || !ends_by_leaving(body)) return false;
  // `fd < 0 || flock(fd, LOCK_EX) != 0`
  std::string text = squeezed(condition.text());
  for (const std::string_view before : {"({}<0||", "({}==-1||", "(!{}||", "({}==nullptr||", "({}==NULL||"}) {
    std::string wanted(before);
    wanted.replace(wanted.find("{}"), 2, variable_);
    if (!variable_.empty() && call == call_ && text.starts_with(wanted))
      text = "(" + text.substr(wanted.size());
  }
  if (!says_failed(text, call.text())) return false;
  failure = {.condition = condition, .body = body};
  return true;
}

/// `while (flock(fd, LOCK_EX) != 0) { if (errno != EINTR) return -1; }`: it waits.
bool Section::read_waiting(Node loop, Node call) {
  if (loop.kind() != Kind::while_statement_ || !loop.child(Field::condition_) || !loop.child(Field::body_))
    return false;
  std::string condition = squeezed(loop.child(Field::condition_).text());
  for (const std::string_view last : {"&&errno==EINTR)", "&&errno==EEXIST)", "&&errno==EWOULDBLOCK)"}) {
    if (condition.ends_with(last)) condition = condition.substr(0, condition.size() - last.size()) + ")";
  }
  // `while ((fd = open(…)) < 0)`
  const std::string bound = fmt::format("({}={})", variable_, squeezed(call.text()));
  const std::size_t at = creates_ && !variable_.empty() ? condition.find(bound) : std::string::npos;
  if (at != std::string::npos) condition.replace(at, bound.size(), squeezed(call.text()));
  if (!says_failed(condition, call.text())) return false;
  const Node body = loop.child(Field::body_);
  const std::vector<Node> all =
      body.kind() == Kind::compound_statement_ ? statements(body) : std::vector{body};
  Failure failure;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Node each = all[i];
    if (pauses(each) || squeezed(each.text()) == ";") continue;
    const Node asked = each.kind() == Kind::if_statement_ ? each.child(Field::condition_) : Node{};
    const std::string asks = asked ? squeezed(asked.text()) : "";
    const Node then = asked ? each.child(Field::consequence_) : Node{};
    if (asks == "(errno==EINTR)" && squeezed(then.text()).find("continue;") != std::string::npos &&
        !each.child(Field::alternative_)) {
      // What follows is what is done when it fails; it must leave, as a whole.
      if (i + 1 == all.size()) continue;
      if (!leaves(all.back())) return false;
      failure = {.condition = loop.child(Field::condition_), .body = body};
      break;
    }
    const bool others = asks == "(errno!=EINTR)" || asks == "(errno!=EEXIST)" ||
                        asks == "(errno!=EWOULDBLOCK)" || asks == "(errno!=EEXIST&&errno!=EINTR)" ||
                        asks == "(errno!=EINTR&&errno!=EEXIST)";
    if (!others || each.child(Field::alternative_) || !ends_by_leaving(then)) return false;
    failure = {.condition = asked, .body = then};
  }
  once_ = false;
  lock_failure_ = failure;
  return true;
}

/// `for (;;) { fd = open(p, O_CREAT | O_EXCL); if (fd >= 0) break; if (errno != EEXIST) return -1;
/// usleep(100); }`
bool Section::read_retry(const Path& way, std::size_t at) {
  if (!creates_ || at < 3) return false;
  const Node loop = way[at - 2];
  const Node condition = loop.child(Field::condition_);
  const bool endless = (loop.kind() == Kind::for_statement_ && !condition) ||
                       (loop.kind() == Kind::while_statement_ && condition &&
                        (squeezed(condition.text()) == "(true)" || squeezed(condition.text()) == "(1)"));
  if (!endless || way[at - 3].kind() != Kind::compound_statement_) return false;
  const Binding binding = binding_of(first_);
  bool breaks = false;
  for (const Node each : statements(block_)) {
    if (each == first_ || pauses(each)) continue;
    const Node asked = each.kind() == Kind::if_statement_ ? each.child(Field::condition_) : Node{};
    const Node then = asked ? each.child(Field::consequence_) : Node{};
    if (!then || each.child(Field::alternative_)) return false;
    const std::string asks = squeezed(asked.text());
    const bool got =
        asks == fmt::format("({}>=0)", binding.variable) || asks == fmt::format("({}!=-1)", binding.variable);
    if (got) {
      const std::vector<Node> inner =
          then.kind() == Kind::compound_statement_ ? statements(then) : std::vector{then};
      for (const Node one : inner) {
        const Node call = call_of(one);
        const bool about = call && !arguments(call).empty() && arguments(call)[0].text() == binding.variable;
        if (one.kind() != Kind::break_statement_ && !about) return false;
        breaks |= one.kind() == Kind::break_statement_;
      }
    } else if (asks == "(errno!=EEXIST)" && ends_by_leaving(then)) {
      lock_failure_ = {.condition = asked, .body = then};
    } else {
      return false;
    }
  }
  if (!breaks) return false;
  first_ = loop;
  block_ = way[at - 3];
  once_ = false;
  return true;
}

/// The statement that opens or creates, the handle, and the block they are in.
bool Section::read_first() {
  const Path way = code_.way(opened_.begin(), opened_.end());
  std::size_t at = way.size() - 1;
  while (at > 0 && way[at - 1].kind() != Kind::compound_statement_) --at;
  if (at == 0 || !covers(function_, way[at].begin(), way[at].end())) return false;
  first_ = way[at];
  block_ = way[at - 1];
  if (first_.kind() == Kind::while_statement_ || first_.kind() == Kind::if_statement_) {
    // `while ((fd = open(…)) < 0)`, `if (mkdir(p, 0700) != 0)`
    for (const Node node : way) {
      const Node left = node.kind() == Kind::assignment_expression_ ? node.child(Field::left_) : Node{};
      if (left && left.kind() == Kind::identifier_) variable_ = left.text();
    }
    if (first_.kind() == Kind::while_statement_) return creates_ && read_waiting(first_, opened_);
    if (first_.child(Field::alternative_)) return false;
    const Node condition = first_.child(Field::condition_);
    const Node body = first_.child(Field::consequence_);
    std::string text = squeezed(condition.text());
    const std::string bound = fmt::format("({}={})", variable_, squeezed(opened_.text()));
    const std::size_t in = variable_.empty() ? std::string::npos : text.find(bound);
    if (in != std::string::npos) text.replace(in, bound.size(), squeezed(opened_.text()));
    if (!says_failed(text, opened_.text()) || !ends_by_leaving(body)) return false;
    open_failure_ = {.condition = condition, .body = body};
    return true;
  }
  const Node call = call_of(first_);
  const Binding binding = binding_of(first_);
  const bool closes =
      call && callee(call) == "close" && !arguments(call).empty() && arguments(call)[0] == opened_;
  if (binding.value != opened_ && !(creates_ && (closes || call == opened_))) return false;
  if (creates_ && binding.value) variable_ = binding.variable;
  if (binding.value && binding.variable != variable_) return false;
  read_retry(way, at);
  return true;
}

/// `path` for `path + ".lock"`: the name that the library itself gives the lock file.
void Section::find_target() {
  target_ = path_;
  std::string_view named = path_;
  if (content_ == Content::none) {
    // A variable that is bound once, to such a name.
    std::size_t bindings = 0;
    std::string_view value;
    each_node(code_.syntax, function_, [&](Node node) {
      const bool assigns = node.kind() == Kind::assignment_expression_;
      if (!assigns && node.kind() != Kind::init_declarator_) return;
      const Node to = node.child(assigns ? Field::left_ : Field::declarator_);
      if (!to || to.text() != path_) return;
      ++bindings;
      Node given = node.child(assigns ? Field::right_ : Field::value_);
      // `std::string lock(path + ".lock");`, `std::string lock{path + ".lock"};`
      if (given && (given.kind() == Kind::argument_list_ || given.kind() == Kind::initializer_list_))
        given = children(given).size() == 1 ? given.first_child() : Node{};
      if (given) value = given.text();
    });
    if (bindings == 1 && !value.empty()) named = value;
  }
  constexpr std::string_view ending = ".lock\"";
  if (!named.ends_with(ending) || content_ != Content::none) return;
  const std::size_t quote = named.rfind('"', named.size() - 2);
  if (quote == std::string_view::npos) return;
  std::string_view before = named.substr(0, quote);
  const std::string_view stem = named.substr(quote, named.size() - ending.size() - quote);
  if (stem.size() > 1) {
    // `dir + "/state.lock"`
    target_ = fmt::format("{}{}\"", before, stem);
  } else {
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
    if (!before.ends_with('+')) return;
    before.remove_suffix(1);
    while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
    target_ = before;
  }
  same_protocol_ = flock_;
}

}  // namespace lockwright::fixes::cpp
