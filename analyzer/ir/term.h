// Terms: what a value is.
//
// A term names a value by how it came to be: a parameter, a field of something, a concatenation. Terms are
// hash-consed: within one TermTable two equal values are the same Term, so "is this the same file?" is a
// comparison of integers. A term never changes and never mentions control flow.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lockwright::ir {

/// A value's name in one TermTable. `none` means "no term here" (an absent operand, an undeclared type).
enum class Term : std::uint32_t { none = 0 };

/// A slot of a function: its parameters come first (receiver not counted), then its other variables.
enum class Local : std::uint32_t { none = 0xffffffff };

/// A place in the source that makes a new value each time it is reached. Unique in its module.
enum class Site : std::uint32_t {};

/// The kinds of terms. In brackets: what operands(), text() and number() hold; nothing else is set.
enum class TermKind : std::uint8_t {
  unknown,  ///< A value the frontend or the engine could not name. Equal to nothing, not even itself: ask
            ///< TermTable::definite before you conclude anything from an equality.
  local,    ///< The value of a variable here and now [number: the Local]. Never in a path.
  param,  ///< The value of a parameter at the function's entry [number: its position, receiver not counted].
  self,   ///< The receiver of the function: Python's self, C++'s and TypeScript's this.
  activation,  ///< This call of this function: the object whose fields are the variables that closures share.
  frame,       ///< In a closure: the activation of the function that encloses it.
  string,      ///< [text: the decoded text]
  integer,     ///< [number]
  boolean,     ///< [number: 0 or 1]
  null,        ///< None, null, undefined, nullptr.
  global,      ///< A module, class, function or module-level variable [text: its qualified name].
  field,       ///< [operands: base; text: the field's name]
  index,       ///< [operands: base, key]
  concat,      ///< Text put together: f-strings, template literals, path joins [operands: the parts, never a
               ///< concat].
  apply,       ///< A pure function's value [operands: function, arguments…]. Method: the function is a field.
  make,        ///< A new object [operands: class, arguments…]. Also tuples, lists, dicts, sets.
  keyword,     ///< An argument passed by name, in apply and make [operands: value; text: the name].
  closure,  ///< A function value [operands: the frame it captures, empty: nothing; text: its qualified name].
  fresh,    ///< A value made by an effect: an opened handle, a clock reading [number: see TermTable::fresh].
};

/// A set of term kinds, one bit each.
using TermKinds = std::uint32_t;

/// kinds_of(TermKind::local, TermKind::self): the set of these two.
template <typename... Kinds>
constexpr TermKinds kinds_of(Kinds... kinds) {
  return (TermKinds{0} | ... | (TermKinds{1} << static_cast<unsigned>(kinds)));
}

/// Owner of terms and of their strings. Not thread-safe; a frontend fills one table a module, the engine
/// imports them into its own. Views that accessors return live as long as the table.
///
/// Terms stay small whatever the source does: one nested deeper than `max_depth`, and a concat of more than
/// `max_parts` parts or `max_text` bytes, is `unknown`. So whoever walks terms may recurse. An operand that
/// is Term::none counts as unknown.
class TermTable {
 public:
  static constexpr std::uint32_t max_depth = 500;
  static constexpr std::size_t max_parts = 1000;
  static constexpr std::size_t max_text = std::size_t{1} << 20;

  TermTable();
  ~TermTable();
  TermTable(TermTable&&) noexcept;
  TermTable& operator=(TermTable&&) noexcept;
  /// Another handle on the same terms. REQUIRES: nobody makes terms through either of them any more.
  [[nodiscard]] TermTable share() const;

  Term unknown();
  Term local(Local local);
  Term param(std::uint32_t position);
  Term self();
  Term activation();
  Term frame();
  Term string(std::string_view text);
  Term integer(std::int64_t value);
  Term boolean(bool value);
  Term null();
  Term global(std::string_view qualified_name);
  Term field(Term base, std::string_view name);
  Term index(Term base, Term key);
  /// Flattens nested concats, joins neighbouring strings, drops empty ones; one part alone is that part.
  Term concat(std::span<const Term> parts);
  Term apply(Term function, std::span<const Term> arguments);
  Term make(Term type, std::span<const Term> arguments);
  Term keyword(std::string_view name, Term value);
  /// `frame` none: the function captures nothing.
  Term closure(std::string_view function, Term frame);
  /// The value that `site` makes in the calling context and repetition that `context` numbers (the engine
  /// hands contexts out; two fresh terms are equal exactly when site and context are).
  Term fresh(std::uint32_t site, std::uint32_t context);

  /// A copy of `text` that lives as long as the table; the same text gives the same view.
  std::string_view intern(std::string_view text);

  /// Term::none has the kind unknown, no operands and no kinds in it.
  [[nodiscard]] TermKind kind(Term term) const;
  [[nodiscard]] std::span<const Term> operands(Term term) const;
  [[nodiscard]] std::string_view text(Term term) const;
  [[nodiscard]] std::int64_t number(Term term) const;
  /// For fresh terms: the context. 0 for all others.
  [[nodiscard]] std::uint32_t context(Term term) const;

  /// The kinds of `term` and of all its subterms. Costs nothing: kept with every term.
  [[nodiscard]] TermKinds kinds_in(Term term) const;
  /// False when `term` is or contains an unknown: then it may be equal to itself and yet another value. False
  /// for Term::none.
  [[nodiscard]] bool definite(Term term) const;
  /// Whether `part` occurs in `whole` (a term occurs in itself).
  [[nodiscard]] bool contains(Term whole, Term part) const;

  /// Rebuilds `term` bottom-up: `replace` is asked for every subterm that has no operands and, after their
  /// operands were replaced, for every one that has; it returns the term to put there (its argument: keep).
  /// It is asked once for equal subterms, and may itself make and rewrite terms of this table.
  Term rewrite(Term term, const std::function<Term(Term)>& replace);

  /// The same, but asks only for subterms that are or contain one of `kinds`; the others stay as they are.
  /// A term without any of them comes back at once: name the leaf kinds that `replace` replaces.
  template <typename Replace>
  Term rewrite(Term term, TermKinds kinds, Replace&& replace) {
    return (kinds_in(term) & kinds) == 0 ? term : rewrite_kinds(term, kinds, std::ref(replace));
  }

  /// The same term in this table; `other` is another table. For many terms of one table: TermImporter.
  Term import(const TermTable& other, Term term);

  /// How many terms there are; Term::none counts, so that every term's number is less than this.
  [[nodiscard]] std::size_t size() const;

 private:
  friend class TermImporter;
  struct Storage;

  TermTable(const TermTable&) = default;

  Term rewrite_kinds(Term term, TermKinds kinds, const std::function<Term(Term)>& replace);
  /// Builds a term of `kind` anew from what operands(), text() and number() of `like` (a term of `source`,
  /// perhaps another table) hold, with `operands` in place of its own.
  Term rebuild(const TermTable& source, Term like, std::span<const Term> operands);

  std::shared_ptr<Storage> storage_;
};

/// Copies terms of one table into another and remembers them: a term that was imported before costs an array
/// access. Both tables must outlive it.
class TermImporter {
 public:
  TermImporter(TermTable& into, const TermTable& from) : into_(&into), from_(&from) {}

  Term import(Term term);

 private:
  TermTable* into_;
  const TermTable* from_;
  std::vector<Term> imported_;  // by the number of the term in from_; none: not yet
};

/// `term` as people read it: session_id, self._lock, f"{path}.lock". Locals as %3, parameters as $0, by
/// name where `parameter_name` (may be empty) knows one; cut with "…" where it gets long. For every detail:
/// term_print.h.
std::string to_string(const TermTable& terms, Term term,
                      const std::function<std::string_view(std::uint32_t parameter)>& parameter_name = {});

}  // namespace lockwright::ir
