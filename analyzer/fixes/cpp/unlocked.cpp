// LW101 across functions: `store_load()` locks and is called by somebody who holds the lock.
//
// Other callers of store_load() need its lock. So it is taken apart: what it does goes, comments and all,
// into store_load_unlocked(), and store_load() becomes the lock around a call of that. Whoever holds the lock
// calls store_load_unlocked(). That the caller holds it is an agreement from now on: a person has to look.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "analyzer/fixes/common/code_of.h"
#include "analyzer/fixes/common/edits.h"
#include "analyzer/fixes/cpp/blocks.h"
#include "analyzer/fixes/cpp/code.h"
#include "analyzer/fixes/cpp/held.h"

namespace lockwright::fixes::cpp {
namespace {

constexpr std::string_view title = "Call a variant that does not lock";

using Lines = std::vector<std::string>;

Node block_of(const Code& code, Node node, Kind kind) {
  Node found;
  for (const Node each : code.way(node.begin(), node.end())) {
    if (each.kind() == kind && each != node) found = each;
  }
  return found;
}

/// A function that locks around what it does, taken apart.
class Split {
 public:
  explicit Split(const Code& code) : code_(code), text_(code.text) {}

  bool read(const source::Range& acquire) {
    if (!read_held(code_, acquire, held_) || !read_signature(code_, held_.function, signature_)) return false;
    body_ = held_.function.child(Field::body_);
    const std::vector<Node> all = statements(body_);
    const bool snake =
        has(signature_.name, "_") ||
        std::ranges::none_of(signature_.name, [](unsigned char c) { return std::isupper(c) != 0; });
    name_ = fmt::format("{}{}", signature_.name, snake ? "_unlocked" : "Unlocked");
    if (code_.syntax.symbol(name_) != frontends::Symbol::none) return false;
    if (!held_.guard && (held_.releasing.empty() || !read_end())) return false;
    return read_head(all) && keeps_parameters();
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view old_name() const { return signature_.name; }
  [[nodiscard]] Node function() const { return held_.function; }
  [[nodiscard]] bool is_member() const { return has(function_name(held_.function), "::") || in_class(); }
  [[nodiscard]] bool in_class() const {
    return static_cast<bool>(block_of(code_, held_.function, Kind::field_declaration_list_));
  }
  /// In a namespace without a name, `static` says nothing.
  [[nodiscard]] bool is_unnamed() const {
    const Path way = code_.way(held_.function.begin(), held_.function.end());
    return std::ranges::any_of(way, [](Node node) {
      return node.kind() == Kind::namespace_definition_ && !node.child(Field::name_);
    });
  }
  [[nodiscard]] bool is_static() const { return has(head(), "static "); }

  /// The variant above the function, which keeps the lock and calls it.
  bool write(Edits& edits, bool shared) const {
    const std::optional<std::string> variant = variant_text(shared);
    if (!variant) return false;
    edits.insert(first_line(), *variant);
    const std::string newline = text_.newline(body_.begin());
    const std::string outer(text_.indent(held_.function.begin()));
    const std::string inner = outer + text_.unit(statements(body_).front().begin());
    std::string result = "{" + newline;
    for (const std::string& line : locking_lines()) {
      if (!line.empty() && line[0] != '#') result += inner;
      result += line + newline;
    }
    result += outer + "}";
    edits.replace(body_.begin(), body_.end(), result);
    return true;
  }

 private:
  [[nodiscard]] std::string_view head() const {
    return text_.part(held_.function.begin(), signature_.declarator.begin());
  }
  [[nodiscard]] std::string spaced_type() const {
    return signature_.type.ends_with('*') || signature_.type.ends_with('&') ? signature_.type
                                                                            : signature_.type + " ";
  }

  /// Everything before the lock is taken is for that, or declares what is needed later.
  bool read_head(const std::vector<Node>& all) {
    const Node last = held_.opening.back();
    for (const Node each : held_.opening) {
      if (std::ranges::find(all, each) == all.end()) return false;
    }
    std::vector<Node> before;
    for (const Node each : all) {
      if (each.begin() < last.begin() && !held_.serves(each) && each != held_.declared)
        before.push_back(each);
    }
    // From the last one on, so that what a needed variable is made of is needed, too.
    for (auto each = before.rbegin(); each != before.rend(); ++each) {
      bool needed = false;
      for (const std::string_view name : declared_names(*each)) needed |= serves_lock(name);
      const Node call = call_of(*each);
      const bool fills = call && !arguments(call).empty() && serves_lock(arguments(call)[0].text());
      if (fills) {
        needed = true;
      } else if (each->kind() != Kind::declaration_ || (!needed && each->has_effect())) {
        return false;
      }
      if (!code_.owns_lines(*each)) return false;
      if (needed) kept_.insert(kept_.begin(), *each);
    }
    return true;
  }

  [[nodiscard]] bool serves_lock(std::string_view name) const {
    const auto names = [&](Node each) {
      return !code_.names(each, name).empty() || !words(each, name).empty();
    };
    return std::ranges::any_of(held_.opening, names) || std::ranges::any_of(kept_, names);
  }
  /// In `Guard guard(path);`, which may have been read as the declaration of a function.
  [[nodiscard]] std::vector<Node> words(Node scope, std::string_view name) const {
    std::vector<Node> found;
    each_node(code_.syntax, scope, [&](Node node) {
      if (node.kind() == Kind::type_identifier_ && node.text() == name) found.push_back(node);
    });
    return found;
  }

  /// The releases that come last in the text, one after the other.
  bool read_end() {
    const std::vector<Node>& all = held_.releasing;
    std::size_t first = all.size() - 1;
    while (first > 0 && text_.part(all[first - 1].end(), all[first].begin()).find_first_not_of(" \t\r\n") ==
                            std::string_view::npos)
      --first;
    last_releases_.assign(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
    return !has(signature_.type, "&");
  }

  /// A parameter that only the lock needs would be left over.
  [[nodiscard]] bool keeps_parameters() const {
    bool fine = true;
    const Node list = signature_.declarator.child(Field::parameters_);
    each_node(code_.syntax, list, [&](Node node) {
      if (node.kind() != Kind::identifier_ || !has(signature_.parameters, node.text())) return;
      const auto outside = [&](Node use) {
        const auto inside = [&](Node each) { return covers(each, use.begin(), use.end()); };
        return std::ranges::none_of(held_.opening, inside) && std::ranges::none_of(held_.releasing, inside) &&
               std::ranges::none_of(idle_kept(), inside);
      };
      std::vector<Node> uses = code_.names(body_, node.text());
      for (const Node each : words(body_, node.text())) uses.push_back(each);
      fine &= std::ranges::any_of(uses, outside);
    });
    return fine;
  }

  /// Of what the lock needs, what nothing else needs.
  [[nodiscard]] std::vector<Node> idle_kept() const {
    std::vector<Node> result;
    std::vector<std::string_view> names;
    for (const Node each : kept_) {
      for (const std::string_view name : declared_names(each)) names.push_back(name);
    }
    const auto goes = [&](Node use) {
      const auto inside = [&](Node each) { return covers(each, use.begin(), use.end()); };
      return std::ranges::any_of(held_.opening, inside) || std::ranges::any_of(held_.releasing, inside) ||
             std::ranges::any_of(kept_, inside);
    };
    for (const Node each : kept_) {
      const bool idle = std::ranges::all_of(names, [&](std::string_view name) {
        if (code_.names(each, name).empty()) return true;
        return std::ranges::all_of(code_.names(body_, name), goes);
      });
      if (idle) result.push_back(each);
    }
    return result;
  }

  /// Where the comment above the function begins.
  [[nodiscard]] std::size_t first_line() const {
    std::size_t at = text_.line_begin(held_.function.begin());
    bool inside = false;
    while (at > 0) {
      const std::size_t above = text_.line_begin(at - 1);
      std::string_view line = text_.part(above + text_.indent(above).size(), text_.line_end(above));
      while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
      if (!inside && !line.starts_with("//") && !line.starts_with("/*") && !line.ends_with("*/")) break;
      if (line.ends_with("*/") && !line.starts_with("/*")) inside = true;
      if (line.starts_with("/*")) inside = false;
      at = above;
    }
    return at;
  }

  [[nodiscard]] std::optional<std::string> variant_text(bool shared) const {
    const std::size_t begin = text_.line_begin(held_.function.begin());
    const std::size_t end = text_.next_line(held_.function.end());
    if (text_.indent(begin).size() + begin != held_.function.begin()) return std::nullopt;
    Edits edits(code_.file, text_);
    if (!remove_held(code_, held_, edits)) return std::nullopt;
    for (const Node each : idle_kept()) edits.remove_lines(each.begin(), each.end());
    const Node own = signature_.declarator.child(Field::declarator_);
    edits.replace(own.end() - signature_.name.size(), own.end(), name_);
    if (!shared && !is_member() && !is_static() && !is_unnamed())
      edits.insert(held_.function.begin(), "static ");
    auto taken = edits.take();
    if (!taken) return std::nullopt;
    for (findings::Edit& edit : *taken) {
      edit.range.begin -= static_cast<std::uint32_t>(begin);
      edit.range.end -= static_cast<std::uint32_t>(begin);
    }
    const std::string newline = text_.newline(begin);
    const std::string said = fmt::format("As {}(), for callers that hold the lock.", signature_.name);
    const std::string comment = code_.is_cpp() ? "// " + said : "/* " + said + " */";
    std::string variant = edited(text_.part(begin, end), *taken);
    tidy(variant, newline);
    return fmt::format("{}{}{}{}{}", text_.indent(begin), comment, newline, variant, newline);
  }

  /// No blank line where a body begins or ends, and no two in a row, where there were none.
  static void tidy(std::string& variant, const std::string& newline) {
    const std::string blank = newline + newline;
    if (const std::size_t at = variant.find("{" + blank); at != std::string::npos)
      variant.erase(at + 1, newline.size());
    for (std::size_t at = variant.find(blank + newline); at != std::string::npos;
         at = variant.find(blank + newline, at))
      variant.erase(at, newline.size());
    if (const std::size_t at = variant.rfind(blank + "}"); at != std::string::npos)
      variant.erase(at, newline.size());
  }

  void add(Lines& lines, Node statement) const {
    const Lines more = lines_of(code_, statement);
    lines.insert(lines.end(), more.begin(), more.end());
  }

  /// The lock, and the call of the variant under it.
  [[nodiscard]] Lines locking_lines() const {
    Lines lines;
    const std::string call = fmt::format("{}({})", name_, signature_.parameters);
    const bool nothing = signature_.type == "void";
    if (held_.guard) {
      for (const Node each : kept_) add(lines, each);
      for (const Node each : held_.opening) add(lines, each);
      lines.push_back(nothing ? call + ";" : fmt::format("return {};", call));
      return lines;
    }
    const std::string result = code_.fresh_name(held_.function, "result");
    std::vector<Node> all = kept_;
    all.insert(all.end(), held_.opening.begin(), held_.opening.end());
    std::ranges::sort(all, {}, [](Node each) { return each.begin(); });
    // Declarations first, as C wants them.
    std::size_t declarations = 0;
    for (; declarations < all.size() && all[declarations].kind() == Kind::declaration_; ++declarations)
      add(lines, all[declarations]);
    if (held_.declared) {
      const Node type = held_.declared.child(Field::type_);
      const bool pointer = has(held_.declared.text(), "*");
      lines.push_back(fmt::format("{} {}{};", type.text(), pointer ? "*" : "", held_.variable));
    }
    const bool early = !code_.is_cpp();
    if (!nothing && early) lines.push_back(fmt::format("{}{};", spaced_type(), result));
    if (early) lines.emplace_back();
    for (std::size_t i = declarations; i < all.size(); ++i) add(lines, all[i]);
    if (nothing) {
      lines.push_back(call + ";");
    } else {
      lines.push_back(fmt::format("{}{} = {};", early ? "" : "auto ", result, call));
    }
    for (const Node each : last_releases_) add(lines, each);
    if (!nothing) lines.push_back(fmt::format("return {};", result));
    return lines;
  }

  const Code& code_;
  const Text& text_;
  Held held_;
  Signature signature_;
  Node body_;
  std::string name_;
  std::vector<Node> kept_;           ///< that the lock needs, in order
  std::vector<Node> last_releases_;  ///< of a descriptor
};

/// Where a file declares the function, without defining it: the declarator; more than one: none.
Node declaration_of(const Code& code, std::string_view name, bool member, std::string_view of) {
  Node found;
  std::size_t count = 0;
  each_node(code.syntax, code.syntax.root(), [&](Node node) {
    const bool fits = node.kind() == (member ? Kind::field_declaration_ : Kind::declaration_);
    Node declarator = fits ? node.child(Field::declarator_) : Node{};
    while (declarator && declarator.kind() != Kind::function_declarator_)
      declarator = declarator.child(Field::declarator_)               ? declarator.child(Field::declarator_)
                   : declarator.kind() == Kind::reference_declarator_ ? declarator.first_child()
                                                                      : Node{};
    if (!declarator || !declarator.child(Field::declarator_)) return;
    if (declarator.child(Field::declarator_).text() != name || !code.owns_lines(node)) return;
    if (member) {
      Node around;
      for (const Node each : code.way(node.begin(), node.end())) {
        if (each.kind() == Kind::class_specifier_ || each.kind() == Kind::struct_specifier_) around = each;
      }
      if (!around || !around.child(Field::name_) || around.child(Field::name_).text() != of) return;
    }
    found = node;
    ++count;
  });
  return count == 1 ? found : Node{};
}

/// The declaration's text, under another name, on a line behind it. False: it may be overridden.
bool declare_beside(const Code& code, Edits& edits, Node declaration, std::string_view old,
                    std::string_view name) {
  std::string text(declaration.text());
  if (has(text, "virtual ") || has(text, " override") || has(text, "= 0")) return false;
  const std::size_t at = text.find(fmt::format("{}(", old));
  if (at != std::string::npos) text.replace(at, old.size(), name);
  edits.add_lines_after(declaration.end(), code.text.indent(declaration.begin()), std::array{text});
  return true;
}

}  // namespace

std::vector<findings::Fix> call_unlocked_variant(const Code& code, const source::Range& called,
                                                 const source::Range& acquire) {
  const Node call = code.call_at(called);
  const CodeOf<Code> lockers(code, code.file, code.files, acquire.file);
  if (!call || !lockers) return {};
  const Code& theirs = *lockers;
  const bool elsewhere = acquire.file != code.file;
  Split split(theirs);
  if (!split.read(acquire) || last_name(callee(call)) != split.old_name()) return {};
  if (!elsewhere && covers(split.function(), call.begin(), call.end())) return {};

  std::vector<findings::Edit> all;
  const auto keep = [&](Edits& edits) {
    auto taken = edits.take();
    if (taken) all.insert(all.end(), taken->begin(), taken->end());
    return taken.has_value();
  };
  Edits own(code.file, code.text);
  const Node function = call.child(Field::function_);
  own.replace(function.end() - split.old_name().size(), function.end(), split.name());

  // Whoever calls it must know it: a class's members, all that comes behind, or those who include a header.
  const std::string_view qualified = function_name(split.function());
  const bool outside = has(qualified, "::");
  const bool before = !elsewhere && call.begin() < split.function().begin();
  const bool shared = (elsewhere || (before && !split.is_static())) && !split.is_member();
  const bool declares = outside || (!split.is_member() && (elsewhere || before));
  if (elsewhere && (split.is_static() || (split.in_class() && outside))) return {};
  bool declared = false;
  if (declares) {
    std::string_view of = qualified.substr(0, outside ? qualified.rfind("::") : 0);
    of = last_name(of);
    for (std::size_t i = 0; i < code.files.size() && !declared; ++i) {
      const source::FileId id{static_cast<std::uint32_t>(i)};
      const source::SourceFile* file = code.files.get(id);
      if (file == nullptr || file->language() != source::Language::cpp) continue;
      if (!has(file->text(), split.old_name()) || (elsewhere && (id == code.file || id == theirs.file)))
        continue;
      if (id == code.file) {
        const Node declaration = declaration_of(code, split.old_name(), outside, of);
        if (!declaration || (before && !outside && declaration.begin() > call.begin())) continue;
        if (!declare_beside(code, own, declaration, split.old_name(), split.name())) return {};
        declared = true;
        continue;
      }
      const Code header(code.files, id);
      const Node declaration = declaration_of(header, split.old_name(), outside, of);
      if (!declaration) continue;
      Edits edits(id, header.text);
      if (!declare_beside(header, edits, declaration, split.old_name(), split.name()) || !keep(edits))
        return {};
      declared = true;
    }
    if (!declared) return {};
  }
  if (elsewhere) {
    Edits edits(theirs.file, theirs.text);
    if (!split.write(edits, shared) || !keep(edits)) return {};
  } else if (!split.write(own, shared)) {
    return {};
  }
  if (!keep(own)) return {};
  return {{.title = std::string(title),
           .applicability = findings::Applicability::unsafe,
           .edits = std::move(all)}};
}

}  // namespace lockwright::fixes::cpp
