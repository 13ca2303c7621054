// Reading a section's lock: how the file is opened or made, what it is called, and what the library's lock on
// it is to be.
#include <algorithm>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/python/library.h"
#include "analyzer/fixes/python/words.h"

namespace lockwright::fixes::python {

/// `os.open(p, os.O_CREAT | os.O_EXCL)`, `open(p, "x")`, `p.touch(exist_ok=False)`, `os.mkdir(p)`.
bool Section::read_creation(Node call) {
  const std::string_view name = callee(call);
  const std::string_view last = last_name(name);
  const std::vector<Node> given = arguments(call);
  const Node object = call.child(Field::function_).child(Field::object_);
  opened_ = call;
  creates_ = true;
  if (name == "os.open") {
    path_ = given.size() > 1 && has(given[1].text(), "os.O_EXCL") ? given[0] : Node{};
  } else if (name == "open" || name == "io.open") {
    path_ = given.size() > 1 && has(content_of(given[1]), "x") ? given[0] : Node{};
  } else if (last == "open" && object && !given.empty() && has(content_of(given[0]), "x")) {
    path_ = object;
  } else if (last == "touch" && object) {
    const Node again = keyword(call, "exist_ok");
    path_ = again && again.text() == "False" ? object : Node{};
  } else if (name == "os.mkdir") {
    path_ = given.empty() ? Node{} : given[0];
  } else if (last == "mkdir" && object && !keyword(call, "exist_ok") && !keyword(call, "parents")) {
    path_ = object;
  }
  if (!path_) creates_ = false;
  found_.once = creates_;
  return creates_;
}

/// `fcntl.flock(f, LOCK_EX)`, or a function of the program that locks what it is given.
bool Section::read_kernel_lock(Node call) {
  const std::vector<Node> given = arguments(call);
  if (given.empty()) return false;
  variable_ = handle_of(given[0].text());
  const std::string_view all = call.text();
  found_.once = has(all, "LOCK_NB") || has(all, "NON_BLOCKING");
  found_.shared = has(all, "LOCK_SH") || has(all, "SHARED");
  // Where a helper waits, and for how long, is its own business.
  std::vector<Node> bindings;
  for (const Node name : code_.names(function_, variable_)) {
    const Path way = code_.way(name);
    for (std::size_t i = way.size() - 1; i-- > 0;) {
      const bool assigned =
          way[i].kind() == Kind::assignment_ && covers(way[i].child(Field::left_), name.begin(), name.end());
      const bool entered = way[i].kind() == Kind::as_pattern_target_;
      if (!assigned && !entered) continue;
      bindings.push_back(entered ? way[i - 1] : way[i]);
      break;
    }
  }
  if (bindings.size() == 2) return read_fallback(bindings);
  if (bindings.size() != 1) return false;
  const Node binding = bindings.front();
  Node open = binding.kind() == Kind::assignment_ ? binding.child(Field::right_) : binding.first_child();
  while (open && open.kind() == Kind::call_ && callee(open) == "os.fdopen") {
    const std::vector<Node> wrapped = arguments(open);
    if (wrapped.empty()) return false;
    open = wrapped[0];
  }
  return open && open.kind() == Kind::call_ && read_open(open);
}

/// "r+", and "w" when there is no such file: as good as "w", once the file is replaced as a whole.
bool Section::read_fallback(const std::vector<Node>& bindings) {
  const auto opens = [](Node binding) {
    const Node right = binding.kind() == Kind::assignment_ ? binding.child(Field::right_) : Node{};
    return right && right.kind() == Kind::call_ ? right : Node{};
  };
  const Node update = opens(bindings[0]);
  const Node create = opens(bindings[1]);
  if (!update || !create || !read_open(update) || truncates_) return false;
  const std::string_view path = path_.text();
  const Path way = code_.way(bindings[0]);
  const auto tried =
      std::find_if(way.rbegin(), way.rend(), [](Node node) { return node.kind() == Kind::try_statement_; });
  const Node handler = tried == way.rend() ? Node{} : tried->child(Kind::except_clause_);
  const Node block = handler ? handler.child(Kind::block_) : Node{};
  if (!block || !covers(block, create.begin(), create.end()) || tried->child(Kind::finally_clause_) ||
      tried->child(Kind::else_clause_) || handler.first_child().text() != "FileNotFoundError" ||
      statements(tried->child(Field::body_)).size() != 1 || !read_open(create) || !truncates_ ||
      path_.text() != path) {
    return false;
  }
  for (const Node each : statements(block)) {
    if (covers(each, create.begin(), create.end())) continue;
    const Node call = call_of(each);
    const bool makes = call && (callee(call) == "os.makedirs" || last_name(callee(call)) == "mkdir") &&
                       keyword(call, "exist_ok") && keyword(call, "exist_ok").text() == "True";
    if (!makes) return false;
    prepared_.push_back(each);
  }
  fallback_ = *tried;
  return true;
}

bool Section::read_open(Node call) {
  const std::string_view name = callee(call);
  const std::vector<Node> given = arguments(call);
  const bool function = name == "open" || name == "io.open";
  opened_ = call;
  if (name == "os.open") {
    if (given.size() < 2) return false;
    path_ = given[0];
    truncates_ = has(given[1].text(), "O_TRUNC");
    binary_ = true;
    return true;
  }
  if (!function && last_name(name) != "open") return false;
  const std::size_t place = function ? 1 : 0;
  Node mode = given.size() > place ? given[place] : keyword(call, "mode");
  if (!function && mode && content_of(mode).size() > 3) return false;
  path_ = function ? (given.empty() ? Node{} : given[0]) : call.child(Field::function_).child(Field::object_);
  const std::string_view letters = mode ? content_of(mode) : "r";
  if (!path_ || letters.empty() || keyword(call, "newline") || keyword(call, "errors")) return false;
  truncates_ = has(letters, "w");
  binary_ = has(letters, "b");
  const Node encoding = keyword(call, "encoding");
  if (encoding) {
    const std::string_view named = content_of(encoding);
    if (named.empty()) return false;
    if (named != "utf-8" && named != "utf8" && named != "UTF-8") encoding_ = encoding.text();
  }
  return true;
}

/// `path` for `path + ".lock"`: the name that the library itself gives the lock file.
void Section::find_target() {
  Node named = path_;
  if (named.kind() == Kind::call_ && callee(named) == "str" && arguments(named).size() == 1)
    named = arguments(named)[0];
  if (content_ == Content::none && named.kind() == Kind::identifier_) {
    // A variable that is bound once, to such a name.
    Node binding;
    std::size_t bindings = 0;
    for (const Node name : code_.names(function_, named.text())) {
      const Path way = code_.way(name);
      const Node parent = way[way.size() - 2];
      if (parent.kind() != Kind::assignment_ || name.field() != Field::left_) continue;
      binding = parent;
      ++bindings;
    }
    const bool parameter = function_.kind() == Kind::function_definition_ &&
                           !code_.names(function_.child(Field::parameters_), named.text()).empty();
    if (bindings == 1 && !parameter && binding.child(Field::right_) && binding.end() <= acquire_.begin) {
      named_ = binding;
      named = binding.child(Field::right_);
    }
  }
  const std::string_view text = named.text();
  const auto ends = [&](std::string_view ending) {
    return text.size() > ending.size() && text.ends_with(ending);
  };
  target_ = path_.text();
  const bool sum = named.kind() == Kind::binary_operator_;
  const bool string = named.kind() == Kind::string_ && !text.starts_with("r") && !text.starts_with("b");
  if (sum && (ends("\".lock\"") || ends("'.lock'")) && named.child(Field::left_) &&
      has(text.substr(named.child(Field::left_).end() - named.begin()), "+")) {
    target_ = named.child(Field::left_).text();
    same_protocol_ = true;
  } else if (string && (ends(".lock\"") || ends(".lock'"))) {
    const std::size_t cut = text.size() - 6;
    const bool formatted = text.starts_with("f");
    const std::string rest = std::string(text.substr(0, cut)) + text.back();
    // f"{path}.lock"
    const std::string_view inside = std::string_view(rest).substr(2, formatted ? rest.size() - 3 : 0);
    const bool only = formatted && inside.starts_with('{') && inside.ends_with('}') &&
                      inside.find_first_of("{}:!=", 1) == inside.size() - 1;
    if (rest.size() > 2) {
      target_ = only ? std::string(inside.substr(1, inside.size() - 2)) : rest;
      same_protocol_ = true;
    }
  }
  if (!same_protocol_) named_ = {};
}

}  // namespace lockwright::fixes::python
