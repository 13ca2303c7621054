// What went wrong with one file, said in one line, without stopping the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockwright::source {

enum class NoteKind : std::uint8_t {
  warning,    ///< one file is left out, or understood only in part; the rest of the run is not touched
  error,      ///< something that should have worked did not; the findings may be incomplete beyond one file
  bad_input,  ///< a path that the user named cannot be used: the run itself has failed (exit code 2)
};

/// One thing that went wrong, in any stage. Plain data.
struct Note {
  NoteKind kind = NoteKind::warning;
  std::string path;                   ///< as displayed; of a file or a directory
  std::optional<std::uint32_t> line;  ///< 1-based, where there is one
  std::string message;                ///< continues the path: "cannot be read: permission denied". No newline

  friend bool operator==(const Note&, const Note&) = default;
};

/// Sorts by path, line, kind and message, and drops repetitions: notes that were collected by several threads
/// or stages come out the same in every run.
void sort_notes(std::vector<Note>& notes);

}  // namespace lockwright::source
