// LW301: release on every way out. LW302: erase the entry when the lock has been given up.
//
// What lies between the acquire and the release goes into a try, the release into its finally, with the close
// of the handle that follows it. Where a try with that finally is there already and only begins too late,
// what comes before it is taken in. Releases on early ways out become redundant and are removed: a lock file
// must not be removed twice, the second time it may be somebody else's.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/python/code.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Release the lock in a finally block";
constexpr std::string_view erase_title =
    "Erase the entry after the clean-up (whoever finds it until then must wait)";
constexpr std::string_view mutex_title = "Give the lock up before its entry is erased, under the mutex";
constexpr std::string_view earlier_title = "Begin the try right after the acquire";

std::vector<Node> statements(Node block) {
  std::vector<Node> result;
  for (const Node child : block.children()) result.push_back(child);
  return result;
}

/// A statement that does nothing but release: a call, be it under a condition or with its errors swallowed.
bool only_releases(Node statement, const source::Range& release) {
  switch (statement.kind()) {
    case Kind::expression_statement_: return true;
    case Kind::if_statement_:
      if (statement.child(Kind::elif_clause_) || statement.child(Kind::else_clause_)) return false;
      break;
    case Kind::try_statement_: break;
    default: return false;
  }
  Node block;
  for (const Node child : statement.children()) {
    if (child.kind() == Kind::block_ && covers(child, release.begin, release.end)) block = child;
  }
  if (!block) return false;
  const std::vector<Node> inner = statements(block);
  return inner.size() == 1 && only_releases(inner[0], release);
}

/// `if not taken: return`, right after `taken = acquire()`: what follows holds the lock, this does not.
bool is_check_of(Node statement, Node acquire) {
  if (statement.kind() != Kind::if_statement_ || acquire.kind() != Kind::expression_statement_) return false;
  const Node assignment = acquire.first_child();
  const Node left = assignment.kind() == Kind::assignment_ ? assignment.child(Field::left_) : Node{};
  const Node condition = statement.child(Field::condition_);
  const Node body = statement.child(Field::consequence_);
  if (!left || !condition || !body || statement.child(Kind::else_clause_)) return false;
  const std::vector<Node> inner = statements(body);
  return condition.text().find(left.text()) != std::string_view::npos && !inner.empty() &&
         leaves(inner.back());
}

/// The first line after `end` that is not blank.
std::size_t next_content(const Text& text, std::size_t end, std::size_t limit) {
  std::size_t line = text.next_line(end);
  while (line < limit && text.indent(line).size() == text.line_end(line) - line) line = text.next_line(line);
  return line;
}

/// Whether `user` needs a variable that one of the statements binds: it may not be bound when they fail.
bool needs(const Code& code, Node user, const std::vector<Node>& all, std::size_t first, std::size_t last) {
  bool found = false;
  each_node(code.syntax(), user, [&](Node name) {
    if (name.kind() != Kind::identifier_ || name.field() == Field::attribute_) return;
    for (std::size_t i = first; i < last; ++i) {
      for (const Node use : code.names(all[i], name.text())) {
        const Path way = code.way(use);
        const Node parent = way[way.size() - 2];
        const bool assigned = parent.kind() == Kind::assignment_ || parent.kind() == Kind::for_statement_ ||
                              parent.kind() == Kind::augmented_assignment_;
        found |= (assigned && use.field() == Field::left_) || parent.kind() == Kind::as_pattern_target_ ||
                 parent.kind() == Kind::pattern_list_ || parent.kind() == Kind::tuple_pattern_ ||
                 (parent.kind() == Kind::named_expression_ && use.field() == Field::name_);
      }
    }
  });
  return found;
}

/// What a call gives up: what it is given first, or its receiver.
std::string_view subject_of(Node call) {
  const std::vector<Node> given = arguments(call);
  const std::string_view name = callee(call);
  if (!given.empty()) return handle_of(given[0].text());
  return name.find('.') == std::string_view::npos ? "" : handle_of(name.substr(0, name.rfind('.')));
}

/// Whether what goes into the try gives up the lock in other words than `release`: then it would be given up
/// twice.
bool releases_otherwise(const Code& code, const std::vector<Node>& all, std::size_t first, std::size_t past,
                        Node release) {
  std::string_view subject;
  each_node(code.syntax(), release, [&](Node node) {
    if (node.kind() == Kind::call_ && speaks_of_release(last_name(callee(node))) && subject.empty())
      subject = subject_of(node);
  });
  bool found = false;
  for (std::size_t i = first; i < past && !subject.empty(); ++i) {
    each_node(code.syntax(), all[i], [&](Node node) {
      found |= node.kind() == Kind::call_ && release.text().find(node.text()) == std::string_view::npos &&
               speaks_of_release(last_name(callee(node))) && subject_of(node) == subject;
    });
  }
  return found;
}

/// Statements of a block that go into a try, and the statement after them, which goes into its finally.
class Wrap {
 public:
  Wrap(const Code& code, Node block, std::size_t first, std::size_t release)
      : code_(code), text_(code.text()), all_(statements(block)), first_(first), release_(release) {}

  std::optional<std::vector<findings::Edit>> edits() {
    if (first_ >= release_) return std::nullopt;
    for (std::size_t i = first_ == 0 ? 0 : first_ - 1; i <= release_; ++i) {
      if (!code_.owns_lines(all_[i])) return std::nullopt;
    }
    const Node release = all_[release_];
    if (needs(code_, release, all_, first_, release_) ||
        releases_otherwise(code_, all_, first_, release_, release)) {
      return std::nullopt;
    }
    Edits edits(code_.file(), text_);
    if (!remove_early_releases(edits)) return std::nullopt;
    const Node first = all_[first_];
    const Node last = all_[release_ - 1];
    const std::string_view indent = text_.indent(release.begin());
    if (text_.indent(first.begin()) != indent) return std::nullopt;
    const std::string unit = text_.unit(release.begin());
    const std::size_t begin = first_ == 0 ? text_.line_begin(first.begin())
                                          : next_content(text_, all_[first_ - 1].end(), first.begin());
    const std::size_t middle = next_content(text_, last.end(), release.begin());
    const std::size_t end = closing() ? all_[release_ + 1].end() : release.end();
    // A try that is there already only lacks its finally.
    const bool has_try =
        first_ + 1 == release_ && last.kind() == Kind::try_statement_ && !last.child(Kind::finally_clause_);
    if (!has_try) {
      edits.add_lines_before(begin, indent, std::array<std::string, 1>{"try:"});
      indent_kept(edits, begin, last.end(), unit);
    }
    edits.add_lines_before(middle, indent, std::array<std::string, 1>{"finally:"});
    indent_kept(edits, middle, end, unit);
    return edits.take();
  }

 private:
  /// Indents lines, but for those that are removed and those inside of strings.
  void indent_kept(Edits& edits, std::size_t begin, std::size_t end, std::string_view unit) {
    std::vector<Span> fixed = code_.fixed_lines(code_.root());
    for (const Span& gone : removed_) fixed.push_back({gone.begin == 0 ? 0 : gone.begin - 1, gone.end});
    edits.indent_lines(begin, end, unit, fixed);
  }

  /// The handle is closed right after the release.
  [[nodiscard]] bool closing() const {
    if (release_ + 1 >= all_.size()) return false;
    const Node next = all_[release_ + 1];
    const Node call = next.kind() == Kind::expression_statement_ ? next.first_child() : Node{};
    if (call.kind() != Kind::call_ || last_name(callee(call)) != "close" || !code_.owns_lines(next))
      return false;
    const std::vector<Node> given = arguments(call);
    const std::string_view handle =
        given.empty() ? callee(call).substr(0, callee(call).rfind('.')) : given[0].text();
    return all_[release_].text().find(handle) != std::string_view::npos;
  }

  bool remove_early_releases(Edits& edits) {
    const std::string_view release = all_[release_].text();
    bool fine = true;
    for (std::size_t i = first_; i < release_; ++i) {
      each_node(code_.syntax(), all_[i], [&](Node node) {
        if (node.text() != release || node.kind() != all_[release_].kind()) return;
        const Path way = code_.way(node);
        const std::vector<Node> around = statements(way[way.size() - 2]);
        const auto at = std::find(around.begin(), around.end(), node);
        const bool exits = at != around.end() && at + 1 != around.end() && leaves(*(at + 1));
        if (!exits || !code_.owns_lines(node)) {
          fine = false;
          return;
        }
        // A handler that would do nothing but raise again is none.
        const Node clause = way.size() > 2 ? way[way.size() - 3] : Node{};
        const bool only_raises = around.size() == 2 && around[1].text() == "raise" &&
                                 clause.kind() == Kind::except_clause_ &&
                                 is_only_handler(way[way.size() - 4]);
        if (only_raises && all_[i] == way[way.size() - 4] && first_ + 1 == release_) node = clause;
        removed_.push_back({text_.line_begin(node.begin()), text_.next_line(node.end())});
        edits.remove_lines(node.begin(), node.end());
      });
    }
    return fine;
  }

  [[nodiscard]] static bool is_only_handler(Node statement) {
    std::size_t clauses = 0;
    for (const Node child : statement.children()) clauses += child.field() == Field::body_ ? 0U : 1U;
    return clauses == 1;
  }

  const Code& code_;
  const Text& text_;
  std::vector<Node> all_;
  std::size_t first_;
  std::size_t release_;
  std::vector<Span> removed_;
};

/// The try that ends with the release begins too late: what comes before it goes in.
std::optional<std::vector<findings::Edit>> begin_earlier(const Code& code, const std::vector<Node>& all,
                                                         std::size_t first, std::size_t last) {
  const Node statement = all[last];
  const Text& text = code.text();
  const Node body = statement.child(Field::body_);
  // Its handlers were not meant for what would come in.
  if (first >= last || statement.child(Kind::except_clause_) || !body || !code.owns_lines(statement) ||
      needs(code, statement.child(Kind::finally_clause_), all, first, last)) {
    return std::nullopt;
  }
  const Node inner = body.first_child();
  if (!inner || !text.begins_line(inner.begin())) return std::nullopt;
  const std::size_t begin = next_content(text, all[first - 1].end(), all[first].begin());
  const std::size_t head = text.line_begin(statement.begin());
  const std::string_view outer = text.indent(statement.begin());
  const std::string_view deeper = text.indent(inner.begin());
  if (!deeper.starts_with(outer)) return std::nullopt;
  Edits edits(code.file(), text);
  edits.insert(begin, std::string(text.part(head, text.next_line(head))));
  const std::vector<Span> fixed = code.fixed_lines(code.root());
  edits.indent_lines(begin, head, deeper.substr(outer.size()), fixed);
  edits.replace(head, text.next_line(head), "");
  return edits.take();
}

/// The try that ends with the release begins too late, and its finally needs what comes before it: the
/// release gets a try of its own around both.
std::optional<std::vector<findings::Edit>> nest(const Code& code, const std::vector<Node>& all,
                                                std::size_t first, std::size_t last,
                                                const source::Range& release) {
  const Node statement = all[last];
  const Text& text = code.text();
  const std::vector<Node> steps = statements(statement.child(Kind::finally_clause_).child(Kind::block_));
  const auto step =
      std::ranges::find_if(steps, [&](Node each) { return covers(each, release.begin, release.end); });
  if (step == steps.end() || steps.size() < 2 || !only_releases(*step, release) || !code.owns_lines(*step) ||
      needs(code, *step, all, first, last) || releases_otherwise(code, all, first, last, *step))
    return std::nullopt;
  for (std::size_t i = first; i <= last; ++i) {
    if (!code.owns_lines(all[i])) return std::nullopt;
  }
  const std::string_view indent = text.indent(statement.begin());
  const std::string unit = text.unit(statement.begin());
  const std::size_t begin = next_content(text, all[first - 1].end(), all[first].begin());
  std::vector<Span> fixed = code.fixed_lines(code.root());
  fixed.push_back({text.line_begin(step->begin()) - 1, text.next_line(step->end())});
  Edits edits(code.file(), text);
  edits.add_lines_before(begin, indent, std::array<std::string, 1>{"try:"});
  edits.indent_lines(begin, statement.end(), unit, fixed);
  const std::string newline = text.newline(statement.begin());
  const std::string outer =
      fmt::format("{}finally:{}{}{}{}{}", indent, newline, indent, unit, step->text(), newline);
  if (*step == steps.back()) {
    edits.replace(text.line_begin(step->begin()), text.next_line(step->end()), outer);
  } else {
    edits.remove_lines(step->begin(), step->end());
    edits.insert(text.next_line(statement.end()), outer);
  }
  return edits.take();
}

/// REQUIRES: both are in this file.
Proposals release_last(const Code& code, const source::Range& acquire, const source::Range& release) {
  if (code.function_at(acquire) != code.function_at(release)) return {};
  Node block = code.common_block(acquire, release);
  std::vector<Node> all = statements(block);
  const auto index_of = [&](const source::Range& range) {
    std::size_t index = 0;
    while (index < all.size() && !covers(all[index], range.begin, range.end)) ++index;
    return index;
  };
  std::size_t taken = index_of(acquire);
  const std::size_t given = index_of(release);
  if (taken >= all.size() || given >= all.size()) return {};
  std::size_t first = taken + 1;
  if (taken == given) {
    // `if acquire(): …; release()`
    const Node statement = all[taken];
    const Node body = statement.kind() == Kind::if_statement_ ? statement.child(Field::consequence_) : Node{};
    const Node condition = body ? statement.child(Field::condition_) : Node{};
    if (!condition || !covers(condition, acquire.begin, acquire.end) ||
        !covers(body, release.begin, release.end)) {
      return {};
    }
    if (condition.kind() != Kind::call_ && condition.kind() != Kind::await_) return {};
    block = body;
    all = statements(body);
    first = 0;
  } else if (first < all.size() && is_check_of(all[first], all[taken])) {
    ++first;
  }
  const std::size_t last = index_of(release);
  if (last >= all.size()) return {};
  const Node cleanup = all[last].child(Kind::finally_clause_);
  std::optional<std::vector<findings::Edit>> edits;
  std::string_view what = title;
  if (all[last].kind() == Kind::try_statement_ && covers(cleanup, release.begin, release.end)) {
    if (first > 0 && first < last) {
      edits = begin_earlier(code, all, first, last);
      what = earlier_title;
      if (!edits) {
        edits = nest(code, all, first, last, release);
        what = title;
      }
    } else {
      // Something comes before the release in the finally itself.
      const Node inner = cleanup.child(Kind::block_);
      const std::vector<Node> steps = inner ? statements(inner) : std::vector<Node>();
      std::size_t at = 0;
      while (at < steps.size() && !covers(steps[at], release.begin, release.end)) ++at;
      if (at < steps.size() && only_releases(steps[at], release)) edits = Wrap(code, inner, 0, at).edits();
    }
  } else if (only_releases(all[last], release)) {
    edits = Wrap(code, block, first, last).edits();
  }
  if (!edits) return {};
  return {{.title = std::string(what),
           .applicability = findings::Applicability::safe,
           .edits = std::move(*edits)}};
}

}  // namespace

Proposals release_in_finally(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (!all_in(repair, code.file())) return {};
  // Of several releases the one that all ways come to; those on early ways out go with it.
  for (std::size_t i = 1; i < repair.places.size(); ++i) {
    Proposals proposals = release_last(code, repair.places[0].here(), repair.places[i].here());
    if (!proposals.empty()) return proposals;
  }
  return {};
}

namespace {

/// How an entry is erased: in one go with being looked up, or by itself.
struct Erasing {
  std::string erase;    ///< the statement that does it
  std::string look_up;  ///< what takes the place of `value`; "": the statement goes
  Node value;
};

std::optional<Erasing> erasing_of(Node statement) {
  const Node assignment = statement.first_child();
  if (statement.kind() == Kind::delete_statement_) return Erasing{std::string(statement.text()), "", {}};
  if (statement.kind() != Kind::expression_statement_) return std::nullopt;
  if (assignment.kind() != Kind::assignment_) return Erasing{std::string(statement.text()), "", {}};
  // `held = HELD.pop(key)`
  const Node value = assignment.child(Field::right_);
  if (value.kind() != Kind::call_ || last_name(callee(value)) != "pop") return std::nullopt;
  const std::vector<Node> given = arguments(value);
  const std::string_view map = callee(value).substr(0, callee(value).rfind('.'));
  if (given.size() == 1) {
    return Erasing{fmt::format("del {}[{}]", map, given[0].text()),
                   fmt::format("{}[{}]", map, given[0].text()), value};
  }
  if (given.size() != 2 || given[1].text() != "None") return std::nullopt;
  return Erasing{fmt::format("{}.pop({}, None)", map, given[0].text()),
                 fmt::format("{}.get({})", map, given[0].text()), value};
}

/// Whether what is called here is done when the statement after it begins; not so in a task, a thread, a
/// pool.
bool is_waited_for(const Code& code, const source::Range& range) {
  static constexpr std::array starters = {"create_task",
                                          "ensure_future",
                                          "submit",
                                          "start",
                                          "apply_async",
                                          "call_soon",
                                          "run_in_executor",
                                          "start_soon",
                                          "call_later",
                                          "Thread",
                                          "run_coroutine_threadsafe"};
  const Path way = code.way(range.begin, range.end);
  for (std::size_t i = way.size(); i-- > 0;) {
    if (is_block(way[i])) break;
    if (way[i].kind() == Kind::await_) return true;
    const std::string_view name =
        way[i].kind() == Kind::call_ ? last_name(callee(way[i])) : std::string_view();
    if (std::find(starters.begin(), starters.end(), name) != starters.end()) return false;
  }
  return true;
}

/// The erase that ends `with mutex:`, where what follows can be done under the mutex, too: it waits for
/// nothing but the system. None: it does more than that.
Node erase_under_mutex(const Code& code, Node with, std::span<const Node> clean_ups) {
  const Node clause = with.child(Kind::with_clause_);
  const Node item = clause ? clause.first_child() : Node{};
  if (!item || item.past() != clause.past() || with.text().starts_with("async")) return {};
  const Node mutex = item.kind() == Kind::with_item_ ? item.first_child() : item;
  if (mutex.kind() != Kind::identifier_ && mutex.kind() != Kind::attribute_) return {};
  for (const Node statement : clean_ups) {
    bool quiet = statement.kind() == Kind::expression_statement_;
    each_node(code.syntax(), statement, [&](Node node) {
      quiet &= node.kind() != Kind::await_;
      if (node.kind() == Kind::call_) quiet &= callee(node).starts_with("os.");
    });
    if (!quiet) return {};
  }
  return statements(with.child(Field::body_)).back();
}

}  // namespace

/// LW302: the erase goes into a finally behind the clean-up.
Proposals erase_after_clean_up(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() < 2 || !all_in(repair, code.file())) return {};
  const source::Range& erase = repair.places.front().here();
  source::Range clean_up = repair.places.back().here();
  for (std::size_t i = 1; i < repair.places.size(); ++i) {
    const source::Range& each = repair.places[i].here();
    if (code.function_at(erase) != code.function_at(each) || !is_waited_for(code, each)) return {};
    if (each.begin > clean_up.begin) clean_up = each;
  }
  const std::vector<Node> all = statements(code.common_block(erase, clean_up));
  std::size_t erased = 0;
  while (erased < all.size() && !covers(all[erased], erase.begin, erase.end)) ++erased;
  std::size_t cleaned = erased;
  while (cleaned < all.size() && !covers(all[cleaned], clean_up.begin, clean_up.end)) ++cleaned;
  if (cleaned >= all.size() || erased >= cleaned) return {};
  const bool under_mutex = all[erased].kind() == Kind::with_statement_;
  const Node statement =
      under_mutex ? erase_under_mutex(code, all[erased], std::span(all).subspan(erased + 1, cleaned - erased))
                  : all[erased];
  if (!statement || !covers(statement, erase.begin, erase.end) || !code.owns_lines(statement)) return {};
  const std::optional<Erasing> erasing = erasing_of(statement);
  if (!erasing) return {};
  for (std::size_t i = erased; i <= cleaned; ++i) {
    if (!code.owns_lines(all[i]) ||
        code.text().indent(all[i].begin()) != code.text().indent(all[erased].begin()))
      return {};
  }
  const Text& text = code.text();
  const std::string_view indent = text.indent(statement.begin());
  const std::string unit = text.unit(statement.begin());
  const std::size_t begin = next_content(text, statement.end(), all[erased + 1].begin());
  Edits edits(code.file(), text);
  if (erasing->look_up.empty()) {
    edits.remove_lines(statement.begin(), statement.end());
  } else {
    edits.replace(erasing->value.begin(), erasing->value.end(), erasing->look_up);
  }
  edits.add_lines_before(begin, indent, std::array<std::string, 1>{"try:"});
  const std::string deeper = under_mutex ? unit + unit : unit;
  edits.indent_lines(begin, all[cleaned].end(), deeper, code.fixed_lines(code.root()));
  edits.add_lines_after(all[cleaned].end(), indent,
                        std::array<std::string, 2>{"finally:", unit + erasing->erase});
  auto taken = edits.take();
  if (!taken) return {};
  // Under the mutex, nobody sees the entry until it is gone.
  return {{.title = std::string(under_mutex ? mutex_title : erase_title),
           .applicability = under_mutex ? findings::Applicability::safe : findings::Applicability::unsafe,
           .edits = std::move(*taken)}};
}

}  // namespace lockwright::fixes::python
