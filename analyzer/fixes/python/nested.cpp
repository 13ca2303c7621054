// LW101: do without the second acquire, where the same function has both, one `with` inside of the other.
//
// The inner one can only wait for the outer one, so nothing but the waiting goes with it. Where it stands in
// another function, that function has other callers, who need it: see unlocked.h.
#include <algorithm>

#include "analyzer/fixes/python/unlocked.h"

namespace lockwright::fixes::python {
namespace {

constexpr std::string_view title = "Leave out the second acquire of the lock that is held";

/// Removes one indentation level from the lines of a block that takes the place of its statement.
bool outdent(Edits& edits, const Code& code, Node statement, Node body) {
  const Text& text = code.text();
  const std::string_view outer = text.indent(statement.begin());
  const std::string_view inner = text.indent(body.first_child().begin());
  if (!inner.starts_with(outer) || !text.begins_line(body.first_child().begin())) return false;
  const std::vector<Span> fixed = code.fixed_lines(body);
  for (std::size_t line = text.next_line(statement.begin()); line < body.end(); line = text.next_line(line)) {
    const bool inside = std::any_of(fixed.begin(), fixed.end(),
                                    [&](const Span& span) { return span.begin < line && line < span.end; });
    const bool deep = text.indent(line).starts_with(inner);
    if (!inside && deep) edits.replace(line + outer.size(), line + inner.size(), "");
    if (text.next_line(line) == line) break;
  }
  return true;
}

}  // namespace

Proposals leave_out_acquire(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() != 2 || !all_in(repair, code.file())) return {};
  const source::Range& outer = repair.places[0].here();
  const source::Range& inner = repair.places[1].here();
  if (const std::vector<source::Range>& through = repair.places[1].through; !through.empty())
    return call_unlocked_variant(code, inner, through.size() > 1 ? through[1] : repair.places[1].range);
  if (code.function_at(outer) != code.function_at(inner)) return {};
  const Path way = code.way(inner.begin, inner.end);
  for (std::size_t i = 2; i < way.size(); ++i) {
    if (way[i].kind() != Kind::with_item_ || way[i - 2].kind() != Kind::with_statement_) continue;
    const Node statement = way[i - 2];
    const Node clause = way[i - 1];
    const Node body = statement.child(Field::body_);
    // Held from an outer `with` to its end, and bound to no name that anybody needs.
    const bool held =
        std::any_of(way.begin(), way.begin() + static_cast<std::ptrdiff_t>(i) - 2, [&](Node node) {
          return node.kind() == Kind::with_statement_ &&
                 covers(node.child(Kind::with_clause_), outer.begin, outer.end);
        });
    if (!held || !body || way[i].child(Kind::as_pattern_) || !code.text().begins_line(statement.begin()))
      return {};
    if (way[i].begin() != inner.begin || way[i].end() != inner.end) return {};
    Edits edits(code.file(), code.text());
    if (clause.first_child().past() == clause.past()) {
      if (code.text().line_begin(statement.begin()) != code.text().line_begin(clause.end())) return {};
      edits.remove_lines(statement.begin(), clause.end());
      if (!outdent(edits, code, statement, body)) return {};
    } else {
      return {};
    }
    auto taken = edits.take();
    if (!taken) return {};
    return {{.title = std::string(title),
             .applicability = findings::Applicability::safe,
             .edits = std::move(*taken)}};
  }
  return {};
}

}  // namespace lockwright::fixes::python
