// LW101: do without the second acquire.
//
// Where one function has both, the inner one can only wait for the outer one: all that serves it goes, and
// nothing but the waiting goes with it. Where the inner one stands in another function, that function has
// other callers, who need it: see unlocked.cpp.
#include <algorithm>
#include <array>

#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/cpp/code.h"
#include "analyzer/fixes/cpp/held.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view title = "Leave out the second acquire of the lock that is held";

/// Whether the way to the second one always leads by the first, a statement of a block around both.
bool is_on_the_way(const Code& code, const source::Range& first, const source::Range& second) {
  const Path way = code.way(first.begin, first.end);
  Node block;
  Node statement;
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (way[i - 1].kind() != Kind::compound_statement_) continue;
    block = way[i - 1];
    statement = way[i];
  }
  if (!block || !covers(block, second.begin, second.end) || statement.end() > second.begin) return false;
  // An attempt may fail; then only a way that leaves is not on to the second one.
  const bool attempt = has(statement.text(), "LOCK_NB") || has(statement.text(), "try");
  if (attempt && statement.kind() != Kind::if_statement_) return false;
  switch (statement.kind()) {
    case Kind::declaration_:
    case Kind::expression_statement_: return true;
    case Kind::while_statement_: {
      const Node condition = statement.child(Field::condition_);
      return condition && covers(condition, first.begin, first.end);
    }
    case Kind::if_statement_: {
      const Node condition = statement.child(Field::condition_);
      return condition && covers(condition, first.begin, first.end) &&
             ends_by_leaving(statement.child(Field::consequence_));
    }
    default: return false;
  }
}

/// A shared lock does not do for an exclusive one.
bool is_shared(const Code& code, const findings::Place& place) {
  const auto says = [&](const source::Range& range) {
    const source::SourceFile* file = code.files.get(range.file);
    if (file == nullptr) return true;
    const std::string_view text = file->text().substr(range.begin, range.end - range.begin);
    constexpr std::array words = {"LOCK_SH", "RDLCK", "hared"};
    return std::ranges::any_of(words, [&](std::string_view word) { return has(text, word); });
  };
  return says(place.range) || std::ranges::any_of(place.through, says);
}

/// Whether the lock that is held is given up while the inner one is.
bool given_up_meanwhile(const Code& code, const Held& inner, const source::Range& outer) {
  std::uint32_t end = inner.function.end();
  if (!inner.guard && !inner.releasing.empty()) end = inner.releasing.back().end();
  if (inner.guard) {
    for (const Node node : code.way(inner.acquire.begin(), inner.acquire.end())) {
      if (node.kind() == Kind::compound_statement_) end = node.end();
    }
  }
  const Node statement = code.statement_of(code.way(outer.begin, outer.end).back());
  std::vector<std::string_view> handles =
      statement ? declared_names(statement) : std::vector<std::string_view>();
  if (statement) {
    each_node(code.syntax, statement, [&](Node node) {
      if (node.kind() == Kind::identifier_) handles.push_back(node.text());
    });
  }
  return std::ranges::any_of(code.calls(inner.function), [&](Node call) {
    if (call.begin() < inner.acquire.end() || call.begin() >= end) return false;
    const Node own = code.statement_of(call);
    if (inner.serves(own)) return false;
    const bool gives_up = speaks_of_release(last_name(callee(call))) || has(call.text(), "LOCK_UN");
    return gives_up && std::ranges::any_of(
                           handles, [&](std::string_view name) { return !code.names(call, name).empty(); });
  });
}

}  // namespace

std::vector<findings::Fix> leave_out_acquire(const Code& code, const findings::Repair& repair) {
  if (repair.places.size() != 2) return {};
  const source::Range& outer = repair.places[0].here();
  const source::Range& inner = repair.places[1].here();
  if (outer.file != code.file || inner.file != code.file || outer == inner) return {};
  if (code.function_at(outer) != code.function_at(inner) || !is_on_the_way(code, outer, inner)) return {};
  if (is_shared(code, repair.places[0])) return {};
  Held held;
  if (read_held(code, inner, held)) {
    if (given_up_meanwhile(code, held, outer)) return {};
    Edits edits(code.file, code.text);
    if (!remove_held(code, held, edits)) return {};
    auto taken = edits.take();
    if (!taken) return {};
    return {{.title = std::string(title),
             .applicability = findings::Applicability::safe,
             .edits = std::move(*taken)}};
  }
  const std::vector<source::Range>& through = repair.places[1].through;
  if (through.empty()) return {};
  return call_unlocked_variant(code, inner, through.size() > 1 ? through[1] : repair.places[1].range);
}

}  // namespace lockwright::fixes::cpp
