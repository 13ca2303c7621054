// The door between the protocol and the analysis: texts go in, findings come out. Implemented where the
// stages are put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/findings/rule_info.h"
#include "analyzer/findings/triage.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/note.h"
#include "analyzer/source/result.h"

namespace lockwright::lsp {

/// What the editor's settings say; they are laid over the project's configuration as the command line is.
struct ClientSettings {
  std::optional<std::string> configuration;  ///< a file to use and no other
  std::optional<std::vector<std::string>> select;
  std::vector<std::string> ignore;
  std::vector<std::string> exclude;

  friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

/// A text in the editor, saved or not.
struct OpenText {
  std::string path;  ///< absolute
  std::shared_ptr<const std::string> text;
};

/// A configuration that cannot be used.
struct ConfigurationProblem {
  std::string file;        ///< absolute; "" if it is no file's fault
  std::uint32_t line = 1;  ///< 1-based
  std::string message;

  friend bool operator==(const ConfigurationProblem&, const ConfigurationProblem&) = default;
};

/// What a check of one folder came to.
struct Checked {
  std::shared_ptr<const source::FileTable> files;
  std::vector<findings::Judged> findings;  ///< sorted; those that do not count included
  std::vector<source::Note> notes;
};

/// Whoever waits for an answer does not want it any more.
using Cancelled = std::function<bool()>;

/// Checks one folder again and again. What it keeps from one check to the next is its own business, but the
/// findings are those that `lockwright check` has on the same texts. Not thread-safe.
class Checker {
 public:
  virtual ~Checker() = default;

  /// The folder, absolute; what displayed paths are relative to.
  [[nodiscard]] virtual const std::string& root() const = 0;

  /// Reads the configuration. If it cannot be used, the one before stays (at first: the defaults).
  virtual std::optional<ConfigurationProblem> configure(const ClientSettings& settings) = 0;

  /// These files, absolute, are not on disk what they were. None: any may have changed.
  virtual void disk_changed(std::span<const std::string> paths) = 0;

  /// The findings with these texts in place of the files'. `stage` is told what is being done, in a word.
  virtual source::Result<Checked> check(const std::vector<OpenText>& open,
                                        const std::function<void(const char*)>& stage) = 0;

  /// Fills in the fixes of the findings in this file. REQUIRES: `checked` is of the last check().
  virtual void find_fixes(Checked& checked, std::string_view displayed_path, const Cancelled& cancelled) = 0;

  /// The file's text with all safe fixes of its findings; nothing if that is what it is already.
  /// REQUIRES: `checked` is of the last check().
  virtual std::optional<std::string> repaired(const Checked& checked, std::string_view displayed_path,
                                              const Cancelled& cancelled) = 0;

  /// Nobody is typing: time for what is put off while somebody is. Whether findings may have changed.
  virtual bool rest() { return false; }
};

/// What the server needs of the rest of Lockwright.
struct Analyzer {
  std::span<const findings::RuleInfo> rules;  ///< all rules, sorted by id
  /// A checker of a folder (`file` empty), or of one file that is in no folder of the workspace.
  std::function<std::unique_ptr<Checker>(const std::string& folder, const std::string& file)> checker;
};

}  // namespace lockwright::lsp
