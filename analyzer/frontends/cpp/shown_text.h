// The text as the grammar can take it.
#pragma once

#include <string>
#include <string_view>

namespace lockwright::frontends::cpp {

/// What is parsed in place of `text`, of the same length: torn branches are gone (conditionals.h), and macros
/// that look like nothing the grammar knows are something that it knows:
///   class EXPORT_API File {               class            File {
///   int count GUARDED_BY(mutex);          int count                  ;
///   int f() __attribute__((unused));      int f()                        ;
///   ASSIGN_OR_RETURN(auto x, f());                   auto x= f() ;
///   DEFER(close(fd));                     [&]{  close(fd)};           a lambda that stands by itself
///   "at %" PRIu64                         "at %" "RIu6"
///   int f(a) int a; {                     int f(a)        {
///   SCOPE_EXIT { close(fd); };            [&]        { close(fd); };
std::string shown_text(std::string_view text);

/// Whether a lambda that stands by itself is such a macro: what it holds runs at the end of the scope.
bool is_deferring(std::string_view lambda_as_written);

}  // namespace lockwright::frontends::cpp
