// LW301: release on every way out. LW302: erase the entry when the lock has been given up.
//
// Both put what lies in between into a try, and what must come last into its finally. Names that are declared
// in what goes in are not seen outside any more: where they are needed there, nothing is proposed, except
// that a `return` of theirs which comes right after goes in, too.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analyzer/fixes/common/release_words.h"
#include "analyzer/fixes/typescript/code.h"

namespace lockwright::fixes::typescript {
namespace {

constexpr std::string_view title = "Release the lock in a finally block";
constexpr std::string_view earlier_title = "Begin the try right after the acquire";
constexpr std::string_view erase_title =
    "Erase the entry after the clean-up (whoever finds it until then must wait)";

using OptionalEdits = std::optional<std::vector<findings::Edit>>;

/// A statement that does nothing but release: a call, be it under a condition or with its errors swallowed.
bool only_releases(Node statement, const source::Range& release) {
  if (statement.kind() == Kind::expression_statement_) return true;
  Node block;
  if (statement.kind() == Kind::if_statement_ && !statement.child(Field::alternative_))
    block = statement.child(Field::consequence_);
  if (statement.kind() == Kind::try_statement_ && !statement.child(Field::finalizer_))
    block = statement.child(Field::body_);
  if (!covers(block, release.begin, release.end)) return false;
  if (block.kind() == Kind::expression_statement_) return true;
  const std::vector<Node> inner = statements(block);
  return inner.size() == 1 && only_releases(inner[0], release);
}

/// `if (!taken) return;`, right after `const taken = acquire()`: what follows holds the lock, this does not.
bool is_check_of(const Code& code, Node statement, Node acquire) {
  const Node declarator = acquire.child(Kind::variable_declarator_);
  const Node name = declarator ? declarator.child(Field::name_) : Node{};
  if (statement.kind() != Kind::if_statement_ || !name || statement.child(Field::alternative_)) return false;
  const Node condition = statement.child(Field::condition_);
  const Node body = statement.child(Field::consequence_);
  return condition && body && !code.names(condition, name.text()).empty() && leaves(body);
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
    if (node.kind() == Kind::call_expression_ && speaks_of_release(last_name(callee(node))) &&
        subject.empty())
      subject = subject_of(node);
  });
  bool found = false;
  for (std::size_t i = first; i < past && !subject.empty(); ++i) {
    each_node(code.syntax(), all[i], [&](Node node) {
      found |= node.kind() == Kind::call_expression_ &&
               release.text().find(node.text()) == std::string_view::npos &&
               speaks_of_release(last_name(callee(node))) && subject_of(node) == subject;
    });
  }
  return found;
}

/// Statements of a block that go into a try, and what goes into its finally.
class Wrap {
 public:
  Wrap(const Code& code, std::vector<Node> all, std::size_t first, std::size_t past)
      : code_(code), text_(code.text()), all_(std::move(all)), first_(first), past_(past) {}

  /// The statement after them is the release. Closing the handle right before it belongs to it.
  OptionalEdits release_last() {
    if (!fits(first_, past_ + 1)) return std::nullopt;
    const Node release = all_[past_];
    const std::size_t after = past_ + 1;
    while (past_ > first_ + 1 && is_close(all_[past_ - 1])) --past_;
    const Node leading = all_[past_];
    for (std::size_t i = past_; i < after; ++i) {
      if (declares_for(code_, all_, first_, past_, all_[i])) return std::nullopt;
    }
    if (releases_otherwise(code_, all_, first_, past_, release)) return std::nullopt;
    Edits edits(code_.file(), text_);
    if (!remove_early_releases(edits, release)) return std::nullopt;
    std::string tail;
    if (needed_after(after)) {
      // `return result;` goes in.
      if (after + 1 != all_.size() || all_[after].kind() != Kind::return_statement_ ||
          all_[after].has_effect() || !code_.owns_lines(all_[after])) {
        return std::nullopt;
      }
      tail = all_[after].text();
      edits.remove_lines(all_[after].begin(), all_[after].end());
    }
    const std::string_view indent = text_.indent(release.begin());
    const std::string unit = text_.unit(release.begin());
    open(edits, indent, unit);
    const std::size_t middle = next_content(text_, all_[past_ - 1].end(), leading.begin());
    std::vector<std::string> between;
    if (!tail.empty()) between.push_back(unit + tail);
    between.emplace_back("} finally {");
    edits.add_lines_before(middle, indent, between);
    edits.indent_lines(middle, release.end(), unit, code_.fixed_lines(code_.root()));
    edits.add_lines_after(release.end(), indent, std::array<std::string, 1>{"}"});
    return edits.take();
  }

  /// The statement before them comes last instead.
  OptionalEdits erase_last() {
    if (first_ == 0 || !fits(first_ - 1, past_) || needed_after(past_)) return std::nullopt;
    const Node erase = all_[first_ - 1];
    Edits edits(code_.file(), text_);
    const std::string_view indent = text_.indent(erase.begin());
    const std::string unit = text_.unit(erase.begin());
    edits.remove_lines(erase.begin(), erase.end());
    open(edits, indent, unit);
    edits.add_lines_after(all_[past_ - 1].end(), indent,
                          std::array<std::string, 3>{"} finally {", unit + std::string(erase.text()), "}"});
    return edits.take();
  }

  /// Into these, the whole body of a closure, `statement` comes last.
  OptionalEdits append(Node statement) {
    if (!fits(first_, past_) || !code_.owns_lines(statement)) return std::nullopt;
    const bool never_raises = std::all_of(all_.begin(), all_.end(), [](Node each) {
      return each.kind() == Kind::try_statement_ && each.child(Field::handler_);
    });
    Edits edits(code_.file(), text_);
    edits.remove_lines(statement.begin(), statement.end());
    const std::string_view indent = text_.indent(all_[first_].begin());
    const std::string unit = text_.unit(statement.begin());
    const std::string line(statement.text());
    if (never_raises) {
      edits.add_lines_after(all_[past_ - 1].end(), indent, std::array{line});
    } else {
      open(edits, indent, unit);
      edits.add_lines_after(all_[past_ - 1].end(), indent,
                            std::array<std::string, 3>{"} finally {", unit + line, "}"});
    }
    return edits.take();
  }

 private:
  [[nodiscard]] static bool is_close(Node statement) {
    if (statement.kind() != Kind::expression_statement_ || !statement.first_child()) return false;
    Node call = statement.first_child();
    if (call.kind() == Kind::await_expression_) call = call.first_child();
    const std::string_view name = call.kind() == Kind::call_expression_ ? last_name(callee(call)) : "";
    return name == "close" || name == "closeSync";
  }

  [[nodiscard]] bool fits(std::size_t first, std::size_t past) const {
    if (first_ >= past_ || past > all_.size()) return false;
    const std::string_view indent = text_.indent(all_[first].begin());
    for (std::size_t i = first; i < past; ++i) {
      if (!code_.owns_lines(all_[i]) || text_.indent(all_[i].begin()) != indent) return false;
    }
    return true;
  }

  [[nodiscard]] bool needed_after(std::size_t from) const {
    for (std::size_t i = from; i < all_.size(); ++i) {
      if (declares_for(code_, all_, first_, past_, all_[i])) return true;
    }
    return false;
  }

  void open(Edits& edits, std::string_view indent, std::string_view unit) {
    const std::size_t begin = first_ == 0 ? text_.line_begin(all_[first_].begin())
                                          : next_content(text_, all_[first_ - 1].end(), all_[first_].begin());
    edits.add_lines_before(begin, indent, std::array<std::string, 1>{"try {"});
    std::vector<Span> fixed = code_.fixed_lines(code_.root());
    for (const Span& gone : removed_) fixed.push_back({gone.begin - 1, gone.end});
    edits.indent_lines(begin, all_[past_ - 1].end(), unit, fixed);
  }

  bool remove_early_releases(Edits& edits, Node release) {
    bool fine = true;
    for (std::size_t i = first_; i < past_; ++i) {
      each_node(code_.syntax(), all_[i], [&](Node node) {
        if (node.text() != release.text() || node.kind() != release.kind()) return;
        const Path way = code_.way(node);
        const std::vector<Node> around = statements(way[way.size() - 2]);
        const auto at = std::find(around.begin(), around.end(), node);
        const bool exits = at != around.end() && at + 1 != around.end() && leaves(*(at + 1));
        fine &= exits && code_.owns_lines(node);
        if (!fine) return;
        removed_.push_back({text_.line_begin(node.begin()), text_.next_line(node.end())});
        edits.remove_lines(node.begin(), node.end());
      });
    }
    return fine;
  }

  const Code& code_;
  const Text& text_;
  std::vector<Node> all_;
  std::size_t first_;
  std::size_t past_;
  std::vector<Span> removed_;
};

/// The try that ends with the release begins too late: what comes before it goes in.
OptionalEdits begin_earlier(const Code& code, const std::vector<Node>& all, std::size_t first,
                            std::size_t last) {
  const Node statement = all[last];
  const Text& text = code.text();
  const Node body = statement.child(Field::body_);
  if (first >= last || first == 0 || statement.child(Field::handler_) || !body || !code.owns_lines(statement))
    return std::nullopt;
  if (declares_for(code, all, first, last, statement.child(Field::finalizer_))) return std::nullopt;
  for (std::size_t i = last + 1; i < all.size(); ++i) {
    if (declares_for(code, all, first, last, all[i])) return std::nullopt;
  }
  for (std::size_t i = first; i < last; ++i) {
    if (!code.owns_lines(all[i])) return std::nullopt;
  }
  const Node inner = body.first_child();
  if (!inner || !text.begins_line(inner.begin())) return std::nullopt;
  const std::size_t begin = next_content(text, all[first - 1].end(), all[first].begin());
  const std::size_t head = text.line_begin(statement.begin());
  const std::string_view outer = text.indent(statement.begin());
  const std::string_view deeper = text.indent(inner.begin());
  if (!deeper.starts_with(outer) || text.next_line(head) > inner.begin()) return std::nullopt;
  Edits edits(code.file(), text);
  edits.insert(begin, std::string(text.part(head, text.next_line(head))));
  edits.indent_lines(begin, head, deeper.substr(outer.size()), code.fixed_lines(code.root()));
  edits.replace(head, text.next_line(head), "");
  return edits.take();
}

/// The same where the finally does more than release, by names that are declared before its try: the release
/// goes into the finally of another try around it.
OptionalEdits begin_another(const Code& code, const std::vector<Node>& all, std::size_t first,
                            std::size_t last, const source::Range& release) {
  const Node statement = all[last];
  const Text& text = code.text();
  const Node finalizer = statement.child(Field::finalizer_).child(Kind::statement_block_);
  const Node releasing = finalizer ? child_at(finalizer, release.begin, release.end) : Node{};
  if (first >= last || first == 0 || !releasing || releasing.text().find('\n') != std::string_view::npos ||
      !only_releases(releasing, release) || statements(finalizer).size() < 2)
    return std::nullopt;
  if (declares_for(code, all, first, last, releasing) || !code.owns_lines(releasing)) return std::nullopt;
  for (std::size_t i = first; i < all.size(); ++i) {
    if (!code.owns_lines(all[i])) return std::nullopt;
    if (i > last && declares_for(code, all, first, last, all[i])) return std::nullopt;
  }
  const std::string indent(text.indent(statement.begin()));
  const std::string unit = text.unit(statement.begin());
  const std::size_t begin = next_content(text, all[first - 1].end(), all[first].begin());
  Edits edits(code.file(), text);
  edits.add_lines_before(begin, indent, std::array<std::string, 1>{"try {"});
  std::vector<Span> fixed = code.fixed_lines(code.root());
  fixed.push_back({text.line_begin(releasing.begin()) - 1, text.next_line(releasing.end())});
  edits.indent_lines(begin, statement.end(), unit, fixed);
  edits.remove_lines(releasing.begin(), releasing.end());
  edits.add_lines_after(statement.end(), indent,
                        std::array<std::string, 3>{"} finally {", unit + std::string(releasing.text()), "}"});
  return edits.take();
}

std::size_t index_of(const std::vector<Node>& all, const source::Range& range) {
  std::size_t index = 0;
  while (index < all.size() && !covers(all[index], range.begin, range.end)) ++index;
  return index;
}

/// Whether what is called here is done when the statement after it begins.
bool is_waited_for(const Code& code, const source::Range& range) {
  const Path way = code.way(range.begin, range.end);
  for (std::size_t i = way.size(); i-- > 0;) {
    if (way[i].kind() == Kind::await_expression_) return true;
    if (frontends::typescript::is_function(way[i].kind()) ||
        frontends::typescript::is_statement(way[i].kind()))
      break;
  }
  const Node call = code.call_at(range);
  return call && last_name(callee(call)).ends_with("Sync");
}

/// `void handle.close().then(…);`: what is erased comes at the end of the chain.
OptionalEdits erase_in_chain(const Code& code, Node erase, Node clean_up) {
  if (clean_up.kind() != Kind::expression_statement_ || !code.owns_lines(erase)) return std::nullopt;
  Node chain = frontends::typescript::stripped(clean_up.first_child());
  if (chain.kind() == Kind::unary_expression_)
    chain = frontends::typescript::stripped(chain.child(Field::argument_));
  const Node call = erase.first_child();
  if (chain.kind() != Kind::call_expression_ || call.kind() != Kind::call_expression_) return std::nullopt;
  const std::string_view last = last_name(callee(chain));
  if (last != "then" && last != "catch" && last != "finally") return std::nullopt;
  Edits edits(code.file(), code.text());
  edits.remove_lines(erase.begin(), erase.end());
  edits.insert(chain.end(), fmt::format(".finally(() => {})", call.text()));
  return edits.take();
}

Proposals proposal(std::string_view what, findings::Applicability applicability, OptionalEdits edits) {
  if (!edits) return {};
  return {{.title = std::string(what), .applicability = applicability, .edits = std::move(*edits)}};
}

/// REQUIRES: both are in this file.
Proposals release_last(const Code& code, const source::Range& acquire, const source::Range& release) {
  if (code.function_at(acquire) != code.function_at(release)) return {};
  std::vector<Node> all = statements(code.common_block(acquire, release));
  const std::size_t taken = index_of(all, acquire);
  std::size_t last = index_of(all, release);
  if (taken >= all.size() || last >= all.size()) return {};
  std::size_t first = taken + 1;
  if (taken == last) {
    // `if (acquire()) { …; release() }`
    const Node condition =
        all[taken].kind() == Kind::if_statement_ ? all[taken].child(Field::condition_) : Node{};
    const Node body = condition ? all[taken].child(Field::consequence_) : Node{};
    if (!covers(condition, acquire.begin, acquire.end) || !covers(body, release.begin, release.end))
      return {};
    const Node asked = frontends::typescript::stripped(condition);
    if (asked.kind() != Kind::call_expression_ && asked.kind() != Kind::await_expression_) return {};
    all = statements(body);
    first = 0;
    last = index_of(all, release);
    if (last >= all.size()) return {};
  } else if (first < all.size() && is_check_of(code, all[first], all[taken])) {
    ++first;
  }
  const Node finalizer =
      all[last].kind() == Kind::try_statement_ ? all[last].child(Field::finalizer_) : Node{};
  if (covers(finalizer, release.begin, release.end)) {
    OptionalEdits edits = begin_earlier(code, all, first, last);
    if (!edits) edits = begin_another(code, all, first, last, release);
    return proposal(earlier_title, findings::Applicability::safe, std::move(edits));
  }
  if (!only_releases(all[last], release)) return {};
  return proposal(title, findings::Applicability::safe, Wrap(code, all, first, last).release_last());
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

Proposals erase_after_clean_up(const Code& code, const findings::Finding& finding) {
  const findings::Repair& repair = *finding.repair;
  if (repair.places.size() < 2 || !all_in(repair, code.file())) return {};
  const source::Range& erase = repair.places.front().here();
  std::size_t latest = 1;
  for (std::size_t i = 2; i < repair.places.size(); ++i) {
    if (repair.places[i].here().begin > repair.places[latest].here().begin) latest = i;
  }
  const source::Range& clean_up = repair.places[latest].here();
  const std::vector<Node> all = statements(code.common_block(erase, clean_up));
  const std::size_t erased = index_of(all, erase);
  const std::size_t cleaned = index_of(all, clean_up);
  if (erased >= all.size() || cleaned >= all.size() || erased >= cleaned) return {};
  const Node statement = all[erased];
  if (statement.kind() != Kind::expression_statement_ || statement.begin() != erase.begin) return {};
  // Acquirers that take an entry for a lock they may use would now be given one that is going away.
  constexpr auto look = findings::Applicability::unsafe;
  if (is_waited_for(code, clean_up))
    return proposal(erase_title, look, Wrap(code, all, erased + 1, cleaned + 1).erase_last());
  if (OptionalEdits edits = erase_in_chain(code, statement, all[cleaned]))
    return proposal(erase_title, look, std::move(edits));
  // In a closure that is called right there, and whose promise others wait for.
  const source::Range& inside = repair.places[latest].range;
  if (!covers(all[cleaned], inside.begin, inside.end) || inside.file != code.file()) return {};
  const Node closure = code.function_at(inside);
  if (closure == code.function_at(erase) || !is_waited_for(code, inside)) return {};
  const Node body = closure.child(Field::body_);
  if (!body || !is_block(body)) return {};
  const std::vector<Node> inner = statements(body);
  return proposal(erase_title, look, Wrap(code, inner, 0, inner.size()).append(statement));
}

}  // namespace lockwright::fixes::typescript
