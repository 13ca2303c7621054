// The lock library, all of it except json.h. The contract is the table in runtime/README.md.
#pragma once

#include "lockwright/errors.h"        // IWYU pragma: export
#include "lockwright/file_lock.h"     // IWYU pragma: export
#include "lockwright/holder.h"        // IWYU pragma: export
#include "lockwright/lease.h"         // IWYU pragma: export
#include "lockwright/replace_file.h"  // IWYU pragma: export
