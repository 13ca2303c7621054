// One model row as the loader leaves it and the interpreter reads it. Internal to models/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/models/model.h"

namespace lockwright::models {

/// A value in a row: "$path", "new", {"concat": ["$path", {"text": ".lock"}]}.
struct Expression {
  enum class Kind : std::uint8_t {
    absent,    ///< nothing was written
    argument,  ///< $name [text]; $self is the receiver
    made,      ///< "new": the value that this call makes
    pure,      ///< "value": a pure function of receiver and arguments, equal when those are
    unknown,
    round,  ///< "round": how often the innermost loop around the call has gone round
    null,
    boolean,    ///< [number: 0 or 1]
    integer,    ///< [number]
    text,       ///< [text]
    global,     ///< [text]
    concat,     ///< [parts]
    join,       ///< [parts], a path separator between them
    format,     ///< [parts: format, arguments]: text put together as printf does
    field,      ///< [parts: base; text: name]
    attribute,  ///< [parts: base, name]: the field whose name is a value (getattr)
    module,     ///< [parts: name]: the module of that name
    index,      ///< [parts: base, key]
    make,       ///< [parts: arguments; text: class]
  };
  Kind kind = Kind::absent;
  std::int64_t number = 0;
  std::string text;
  std::vector<Expression> parts;
};

/// A question about the constant value of one argument.
struct Test {
  enum class Kind : std::uint8_t {
    always,
    flag,      ///< the global `text` is among the or-ed flags
    has,       ///< the string contains `text`
    equals,    ///< the constant is `value`
    mentions,  ///< the global `text` occurs somewhere in the value
    type,      ///< the object is of the class `text`
    given,     ///< the argument was passed
    all,       ///< every one of `parts`
    any,       ///< one of `parts`
    none,      ///< not parts[0]
  };
  Kind kind = Kind::always;
  std::string parameter;
  std::string text;
  Expression value;
  std::vector<Test> parts;
};

struct OperationTemplate {
  Operation fixed;  ///< everything that no expression or test decides
  Expression file, other, handle, key, value;
  Test create, exclusive, truncate, writable, shared, reentrant;  ///< Kind::always: as `fixed` says
};

struct FieldTemplate {
  Expression base;
  std::string name;
  Expression key;  ///< in place of a name: the element of that key
  Expression value;
};

struct CallTemplate {
  NestedCall::When when = NestedCall::When::now;
  bool suspends = false;
  Expression function;
  std::vector<Expression> arguments;
  bool rest = false;  ///< the call's arguments beyond the row's parameters are passed on
  Expression spread;  ///< a tuple or list of arguments (Thread's args)
  Expression stack;
};

struct OutcomeTemplate {
  std::vector<OperationTemplate> operations;
  std::vector<FieldTemplate> fields;
  std::vector<CallTemplate> calls;
  std::vector<OperationTemplate> finally;  ///< when the nested calls have ended, whichever way
  bool run_deferred = false;
  Expression result;
  std::string result_type;
  std::string collects;  ///< class of the container that what the nested calls return is put into
  std::string raised;    ///< class; "" returns; "?" anything
};

struct Case {
  Test when;
  bool promise = false;
  std::vector<OutcomeTemplate> outcomes;
};

struct RowParameter {
  std::string name;
  Expression default_value;
  bool keyword = false;  ///< passed by name only
  bool last = false;     ///< a function that is passed after all others (Node's callbacks)
  std::string of;        ///< not passed by itself: the member [name] of the object passed as this parameter
};

/// What a row of the file says; the same for all the callees that it names.
struct RowText {
  bool method = false;  ///< found by a receiver and a name
  std::vector<RowParameter> parameters;
  std::vector<Case> cases;
};

struct Row {
  std::string name;  ///< the callee the row was found by: "os.path.join"; of a method its name: "with_suffix"
  std::shared_ptr<const RowText> text;
};

}  // namespace lockwright::models
