// The one door between the command line and the engine: what is to be analysed goes in, what was found comes
// out. The command line judges, filters and shows (findings/, report/); the engine does nothing of that.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analyzer/cli/config.h"
#include "analyzer/cli/cpp_commands.h"
#include "analyzer/findings/finding.h"
#include "analyzer/findings/rule_info.h"
#include "analyzer/report/report.h"
#include "analyzer/source/discovery.h"
#include "analyzer/source/file_table.h"
#include "analyzer/source/note.h"
#include "analyzer/source/result.h"
#include "analyzer/source/suppression.h"

namespace lockwright::cli {

/// What to analyse. `discovery.languages` is left for the engine to fill in: it knows its frontends.
struct AnalysisOptions {
  source::DiscoveryOptions discovery;  ///< roots, excludes, jobs; no roots if there is only `in_memory`
  std::vector<source::InMemoryFile> in_memory;  ///< standard input, if it is checked
  std::vector<OwnModels::Text> models;          ///< to be added after the built-in ones
  CppOptions cpp = {};
  std::vector<std::string> rules;  ///< ids of the enabled rules, sorted: no others need to run
};

/// What came out. Order does not matter, nor do repetitions: the command line sorts.
struct Analysis {
  /// All files of the run. REQUIRES: those that findings, witnesses and suppressions point into are loaded.
  std::shared_ptr<source::FileTable> files;
  std::vector<findings::Finding> findings;  ///< with the severities that the rules gave
  source::Suppressions suppressions;        ///< of all loaded files, one after the other
  std::vector<source::Note>
      notes;  ///< of discovery, of the files and of every stage; `bad_input` fails the run
  std::vector<report::Stat> stats;  ///< shown with --stats, in this order
};

/// How far the engine has come, for the progress line. Written by any of its threads, read by another;
/// writing is never waited for and never required.
struct Progress {
  std::atomic<const char*> stage{""};  ///< "parsing"; a literal
  std::atomic<std::size_t> done{0};
  std::atomic<std::size_t> total{0};  ///< 0: not known
};

/// Analyses that follow one another, each of nearly the same texts: what one has worked out, the next need
/// not. Not thread-safe.
class Session {
 public:
  virtual ~Session() = default;
  /// As Services::analyse.
  virtual source::Result<Analysis> analyse(const AnalysisOptions& options, Progress& progress) = 0;
  /// These files, absolute, are not on disk what they were. None: any may have changed.
  virtual void disk_changed(std::span<const std::string> paths) = 0;
  /// There is time for what the last analyses have put off. Whether another one may find something else.
  virtual bool rest() { return false; }
};

/// What the command line needs of the rest of Lockwright. Tests put fakes here.
struct Services {
  /// All rules but LW001 and LW002, sorted by id.
  std::span<const findings::RuleInfo> rules;
  /// Fails only if nothing could be analysed at all, for instance because a model is wrong.
  std::function<source::Result<Analysis>(const AnalysisOptions&, Progress&)> analyse;
  /// `lockwright ir FILE`: the text dump of one file's IR.
  std::function<source::Result<std::string>(const std::string& path, const CppOptions& cpp)> dump_ir;
  /// For the language server, and for runs that prove fixes. May be missing.
  std::function<std::unique_ptr<Session>()> session{};
};

/// The real ones, used by main.cpp. Implemented where the stages are put together, not in this folder's other
/// files.
[[nodiscard]] Services real_services();

}  // namespace lockwright::cli
