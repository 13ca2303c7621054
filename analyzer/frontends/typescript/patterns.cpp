#include "analyzer/frontends/typescript/patterns.h"

namespace lockwright::frontends::typescript {

std::string_view exported_name(Node left) {
  const auto is_member = [](Node node, std::string_view object, std::string_view property) {
    return node.kind() == Kind::member_expression_ && node.child(Field::object_).text() == object &&
           node.child(Field::property_).text() == property;
  };
  if (left.kind() != Kind::member_expression_) return {};
  const Node object = left.child(Field::object_);
  const Node property = left.child(Field::property_);
  if (!object || !property) return {};
  if (object.kind() == Kind::identifier_) {
    if (object.text() == "exports") return property.text();
    return is_member(left, "module", "exports") ? "default" : std::string_view{};
  }
  return is_member(object, "module", "exports") ? property.text() : std::string_view{};
}

std::string_view key_text(Node key) {
  switch (key.kind()) {
    case Kind::property_identifier_:
    case Kind::private_property_identifier_:
    case Kind::identifier_:
    case Kind::number_:
    case Kind::shorthand_property_identifier_:
    case Kind::shorthand_property_identifier_pattern_: return key.text();
    case Kind::string_: {
      const std::string_view text = key.text();
      const bool plain = text.size() >= 2 && text.find('\\') == std::string_view::npos;
      return plain ? text.substr(1, text.size() - 2) : std::string_view{};
    }
    case Kind::computed_property_name_: {
      const Node inner = key.first_child();
      if (inner.kind() == Kind::string_) return key_text(inner);
      const std::string_view text = inner ? inner.text() : std::string_view{};
      const bool known = text == "Symbol.dispose" || text == "Symbol.asyncDispose" ||
                         text == "Symbol.iterator" || text == "Symbol.asyncIterator";
      return known ? text : std::string_view{};
    }
    default: return {};
  }
}

Node imported_module(Node call) {
  if (call.kind() != Kind::call_expression_ || call.child(Field::function_).kind() != Kind::import_)
    return {};
  const Node list = call.child(Field::arguments_);
  const Node argument = list.kind() == Kind::arguments_ ? list.first_child() : Node{};
  return argument.kind() == Kind::string_ ? argument : Node{};
}

Node required_module(Node value) {
  value = stripped(value);
  if (value.kind() == Kind::await_expression_ && value.first_child()) {
    return imported_module(stripped(value.first_child()));
  }
  if (value.kind() != Kind::call_expression_) return {};
  const Node callee = value.child(Field::function_);
  if (callee.kind() != Kind::identifier_ || callee.text() != "require") return {};
  const Node list = value.child(Field::arguments_);
  const Node argument = list.kind() == Kind::arguments_ ? list.first_child() : Node{};
  return argument.kind() == Kind::string_ ? argument : Node{};
}

}  // namespace lockwright::frontends::typescript
