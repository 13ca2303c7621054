// What a function refers to, as far as names and constants tell: the prefilter's literals as they show in
// terms, and whom it calls. Internal to paths/.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/ir/module.h"
#include "analyzer/models/model.h"

namespace lockwright::paths {

[[nodiscard]] bool is_identifier(std::string_view text);
/// "flock" of "fcntl.flock".
[[nodiscard]] std::string_view last_component(std::string_view name);

/// The prefilter's literals as they show in terms.
class Triggers {
 public:
  explicit Triggers(const std::vector<models::Trigger>& triggers);

  /// Whether a literal is a text in quotes, which tells of a lock only as an argument.
  [[nodiscard]] static bool is_quoted(std::string_view literal);

  /// A component of a qualified name, the name of a field or of a keyword.
  [[nodiscard]] bool name(std::string_view text) const { return names_.contains(text); }
  [[nodiscard]] bool qualified_name(std::string_view text) const;
  /// A name that tells of a lock as a method's ("release"), and may be anything as a library's function.
  [[nodiscard]] bool method(std::string_view name) const { return methods_.contains(name); }
  /// A keyword that tells of a lock unless what it asks for is switched on ("exist_ok=False").
  [[nodiscard]] bool keyword(std::string_view name) const { return keywords_.contains(name); }
  /// A text that tells of a lock wherever it stands.
  [[nodiscard]] bool text(std::string_view text) const { return text_in({}, text); }
  /// The same in a file: where nothing is renamed, the name of a temporary file tells nothing. "": not known.
  [[nodiscard]] bool text_in(std::string_view file, std::string_view text) const;
  /// A word or text that speaks of locks by itself, whatever is called with it.
  [[nodiscard]] bool speaks(std::string_view text) const { return words_.contains(text) || this->text(text); }
  /// Whether a file's name speaks of a lock.
  [[nodiscard]] bool speaks(const ir::TermTable& terms, ir::Term file) const;
  /// The functions to which this text means a lock; null: none.
  [[nodiscard]] const std::set<std::string, std::less<>>* text_of_call(std::string_view text) const;

 private:
  std::set<std::string, std::less<>> names_;
  std::set<std::string, std::less<>> words_;    ///< of the names: those of whole files
  std::set<std::string, std::less<>> methods_;  ///< of the names: those with a dot before them
  std::set<std::string, std::less<>> qualified_;
  std::set<std::string, std::less<>> keywords_;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> texts_;
  struct Part {
    std::string text;
    models::Trigger trigger;
  };
  std::vector<Part> parts_;
};

/// Whether a literal that stands in the text of a module may tell of a lock there: a text in quotes where it
/// may reach a call that takes it for one; the end of a temporary file's name where something renames; that
/// of a lock file's name where it is no package manager's; a name that may mean something else where a word
/// says that it does not.
[[nodiscard]] bool may_tell_of_lock(std::string_view text, const models::Trigger& trigger);

/// What one function refers to. The views live as long as the term table.
struct References {
  bool trigger = false;
  bool speaks = false;                     ///< of locks, by a name or text of its own
  std::set<std::string_view> globals;      ///< qualified names of what it calls
  std::set<std::string_view> own_methods;  ///< called on its receiver
  std::set<std::string_view> methods;      ///< called on anything else
  std::set<std::string_view> stored;       ///< fields of its receiver, and globals, that it stores
  std::set<std::string_view> entered;      ///< those that it enters as a scope
};

/// `file`: the text of the file that it stands in; "": not known.
[[nodiscard]] References references_of(const ir::Function& function, std::string_view file,
                                       const ir::TermTable& terms, const Triggers& triggers,
                                       const models::Models& models);

}  // namespace lockwright::paths
