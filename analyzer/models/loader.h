// JSON to rows. Internal to models/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/models/row.h"
#include "analyzer/source/result.h"

namespace lockwright::models {

/// How a row is found: by function or class; by method on a type ("*": any, also unknown, receiver).
struct RowKey {
  std::string type;  ///< "" for functions
  std::string name;  ///< qualified name, or the method's
};

/// The content of one model file, before it is merged into the tables.
struct ModelFile {
  std::vector<std::pair<RowKey, Row>> rows;
  std::vector<std::pair<std::string, std::vector<std::string>>> bases;  ///< class, its bases
  std::vector<std::pair<std::string, std::string>> aliases;
  std::vector<std::string> scope_guards, memoizers;
  std::vector<std::string> scope_enters, scope_exits, constructors, never_negative, ranges, ends_process,
      by_name_only;
  std::vector<std::vector<std::string>> distinct;
  bool copies = false;
  std::string language, cancellation;
  std::vector<std::string> containers, sequences, may_be_false, platform;
  std::vector<std::pair<std::string, Probe>> probes;  ///< global, what reading it tells
  /// Class, its objects' constant fields and their texts.
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> constants;
  std::vector<std::pair<std::string, std::string>> error_codes;  ///< constant, the class of its errors
  std::vector<Trigger> lock_triggers;
  std::vector<std::pair<std::string, Effect>> effects;  ///< by last component of the name; none: not there
  std::vector<std::string> file_users;
  std::vector<std::string> side_triggers;
};

/// Reads one model file. Errors name the row and the member at fault; `name` is the file's, for errors.
source::Result<ModelFile> load(std::string_view json, std::string_view name);

}  // namespace lockwright::models
