// "params" and "result" come after "id" and "method", and hold nearly all of a message: the parser is told
// there that nothing more is wanted.
#include "analyzer/lsp/supervisor/envelope.h"

#include <cstdint>

namespace lockwright::lsp {
namespace {

/// Takes the parser's events; false ends the parse.
class Opener final : public nlohmann::json_sax<Json> {
 public:
  explicit Opener(Envelope& envelope) : envelope_(envelope) {}

  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(std::int64_t value) override { return is_id(value); }
  bool number_unsigned(std::uint64_t value) override { return is_id(value); }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return true; }
  bool string(std::string& value) override {
    if (depth_ == 1 && key_ == "method") envelope_.method = value;
    return is_id(value);
  }
  bool binary(Json::binary_t& /*value*/) override { return true; }
  bool start_object(std::size_t /*size*/) override { return deeper(); }
  bool end_object() override { return higher(); }
  bool start_array(std::size_t /*size*/) override { return deeper(); }
  bool end_array() override { return higher(); }
  bool key(std::string& name) override {
    if (depth_ != 1) return true;
    key_ = std::move(name);
    envelope_.failed |= key_ == "error";
    return key_ != "params" && key_ != "result";
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  template <typename Value>
  bool is_id(const Value& value) {
    if (depth_ == 1 && key_ == "id") envelope_.id = value;
    return true;
  }
  bool deeper() {
    ++depth_;
    return true;
  }
  bool higher() {
    --depth_;
    return true;
  }

  Envelope& envelope_;
  std::size_t depth_ = 0;
  std::string key_;  ///< the member of the outermost object that we are in
};

}  // namespace

Envelope envelope_of(std::string_view message) {
  Envelope envelope;
  Opener opener(envelope);
  static_cast<void>(Json::sax_parse(message, &opener));
  return envelope;
}

// The members of "params" are diagnostics, uri, version. What looks like a member's name is none within a
// text: quotes are escaped there.
std::optional<Published> published_in(std::string_view message) {
  const std::size_t at = message.rfind("\"uri\":");
  if (at == std::string_view::npos) return std::nullopt;
  std::string end = "{";
  end += message.substr(at, message.size() - at - 1);  // without the brace that ends the message
  const Json parameters = Json::parse(end, nullptr, false);
  const Json& uri = value_at(parameters, {"uri"});
  if (!uri.is_string()) return std::nullopt;
  return Published{uri.get<std::string>(), message.find("\"diagnostics\":[]") != std::string_view::npos};
}

}  // namespace lockwright::lsp
