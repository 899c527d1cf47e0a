#include "inventory/json_walk.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace audit::inventory {
namespace {

using Stream = rapidjson::MemoryStream;

struct Handler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
  Handler(JsonWalk& walk_in, Stream& stream_in) : walk(walk_in), stream(stream_in) {}

  bool Default() { return said(""); }  // null
  bool Bool(bool truth) { return said(truth ? "true" : "false"); }
  bool Int(int number) { return said(fmt::format("{}", number)); }
  bool Uint(unsigned number) { return said(fmt::format("{}", number)); }
  bool Int64(std::int64_t number) { return said(fmt::format("{}", number)); }
  bool Uint64(std::uint64_t number) { return said(fmt::format("{}", number)); }
  bool Double(double number) { return said(fmt::format("{}", number)); }
  bool String(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    const std::size_t after = stream.Tell();  // its opening quote is as far before as there are no escapes in it
    return told({text, size}, after - std::min<std::size_t>(after, size + 2));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool /*copy*/) {
    path.back().assign(text, size);
    return true;
  }
  bool StartObject() { return open(""); }
  bool StartArray() { return open("[]"); }
  bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
  bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }

  bool said(std::string_view value) { return told(value, stream.Tell()); }
  bool told(std::string_view value, std::size_t offset) { return !walk.scalar || walk.scalar(path, value, offset); }
  bool open(std::string_view step) {
    if (walk.begin && !walk.begin(path, stream.Tell())) return false;
    if (path.size() == JsonWalk::deepest) {
      too_deep = true;
      return false;
    }
    path.emplace_back(step);
    return true;
  }
  bool close() {
    path.pop_back();
    return !walk.end || walk.end(path);
  }

  JsonWalk& walk;
  Stream& stream;
  JsonWalk::Path path;
  bool too_deep = false;
};

}  // namespace

bool JsonWalk::run(std::string_view text, ReadSource& source) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Stream stream(text.data(), text.size());
  Handler handler(*this, stream);
  rapidjson::Reader reader;
  // Without recursion: how deep the text nests is the text's own choice.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, handler);
  if (!result.IsError()) return true;
  const Position at = Lines(text).at(result.Offset());
  if (handler.too_deep)
    source.mistakes.push_back({at, fmt::format("is nested more than {} deep here", deepest)});
  else if (result.Code() != rapidjson::kParseErrorTermination)
    source.mistakes.push_back({at, fmt::format("is not JSON: {}", rapidjson::GetParseError_En(result.Code()))});
  return false;
}

}  // namespace audit::inventory
