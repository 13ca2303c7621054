// What a row comes to, whatever the case: for those who ask about many calls before any is interpreted.
// Internal to models/.
#pragma once

#include "analyzer/models/model.h"
#include "analyzer/models/row.h"

namespace lockwright::models {

/// The most that a call does.
Effect effect_of(const RowText& row);

/// Whether a call may do something to a file by its name, and not to what has been opened already.
bool names_file(const RowText& row);

}  // namespace lockwright::models
