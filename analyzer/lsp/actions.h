// Code actions: what the editor offers beside a finding.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/lsp/translate.h"

namespace lockwright::lsp {

inline constexpr std::string_view quick_fix_kind = "quickfix";
inline constexpr std::string_view fix_all_kind = "source.fixAll.lockwright";
inline constexpr std::string_view explain_command = "lockwright.explain";

/// Which kinds of actions a request is for; empty: all.
class WantedKinds {
 public:
  explicit WantedKinds(std::vector<std::string> only) : only_(std::move(only)) {}
  /// Whether `kind` or a kind that contains it ("source" contains "source.fixAll") is wanted.
  [[nodiscard]] bool has(std::string_view kind) const;
  [[nodiscard]] bool is_open() const { return only_.empty(); }

 private:
  std::vector<std::string> only_;
};

/// The version of an open document, by its URI.
using VersionOf = std::function<std::optional<std::int64_t>(const std::string& uri)>;

/// The edit that makes `replacements` of text, in any files.
[[nodiscard]] Json workspace_edit(const std::vector<findings::Edit>& replacements, const Translation& by,
                                  const VersionOf& version_of);

/// The actions for one finding: its fixes, the comment that silences it, its explanation.
[[nodiscard]] std::vector<Json> actions_for(const findings::Judged& judged, const WantedKinds& wanted,
                                            const Translation& by, const VersionOf& version_of);

/// The action that puts `after` in the place of a file's text; it changes no more than differs.
[[nodiscard]] Json fix_all_action(source::FileId file, std::string_view after, const Translation& by,
                                  const VersionOf& version_of);

}  // namespace lockwright::lsp
