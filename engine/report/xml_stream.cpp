#include "report/xml_stream.hpp"

#include <fmt/format.h>

namespace audit::report {

std::string xml_escape(std::string_view visible) {
  std::string text;
  text.reserve(visible.size() + visible.size() / 8);
  for (std::size_t i = 0; i < visible.size(); ++i) {
    switch (visible[i]) {
      case '&': text += "&amp;"; break;
      case '<': text += "&lt;"; break;
      case '>': text += "&gt;"; break;
      case '"': text += "&quot;"; break;
      case '\xef':
        if (visible.substr(i, 3) == "\xef\xbf\xbe" || visible.substr(i, 3) == "\xef\xbf\xbf") {
          text += visible[i + 2] == '\xbe' ? "\\u{FFFE}" : "\\u{FFFF}";
          i += 2;
          break;
        }
        [[fallthrough]];
      default: text += visible[i];
    }
  }
  return text;
}

XmlStream::XmlStream(std::ostream& out) : out_(out) { out_.append(R"(<?xml version="1.0" encoding="UTF-8"?>)"); }

void XmlStream::open(std::string_view name) {
  within();
  new_line();
  out_.put('<');
  out_.append(name);
  open_.push_back(name);
  in_tag_ = true;
}

void XmlStream::attribute(std::string_view name, std::string_view visible) {
  out_.put(' ');
  out_.append(name);
  out_.append("=\"");
  out_.append(xml_escape(visible));
  out_.put('"');
}

void XmlStream::attribute(std::string_view name, std::uint64_t number) {
  attribute(name, std::string_view(fmt::format_int(number).c_str()));
}

void XmlStream::text(std::string_view visible) {
  within();
  out_.append(xml_escape(visible));
  has_text_ = true;
}

void XmlStream::close() {
  const std::string_view name = open_.back();
  open_.pop_back();
  if (in_tag_) {
    out_.append("/>");
  } else {
    if (!has_text_) new_line();
    out_.append("</");
    out_.append(name);
    out_.put('>');
  }
  in_tag_ = has_text_ = false;
}

void XmlStream::leaf(std::string_view name, std::string_view visible) {
  open(name);
  if (!visible.empty()) text(visible);
  close();
}

void XmlStream::finish() {
  while (!open_.empty()) close();
  out_.put('\n');
  out_.flush();
}

void XmlStream::within() {
  if (in_tag_) out_.put('>');
  in_tag_ = false;
}

void XmlStream::new_line() {
  out_.put('\n');
  out_.fill(' ', open_.size());
}

}  // namespace audit::report
