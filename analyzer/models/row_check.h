// What the loader cannot see while it reads a row: whether the names in it are its parameters. Internal to
// models/.
#pragma once

#include <string>

#include "analyzer/models/row.h"

namespace lockwright::models {

/// The first "$name" of a value, or parameter of a test, that `row` does not declare; "" when all are known.
std::string unknown_name(const RowText& row);

}  // namespace lockwright::models
