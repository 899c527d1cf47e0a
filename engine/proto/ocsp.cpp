#include "proto/ocsp.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/text.hpp"
#include "proto/certificate_parts.hpp"

namespace audit::proto {
namespace {

constexpr std::size_t most_bytes = 65'536;

std::string response_word(int status) {
  switch (status) {
    case OCSP_RESPONSE_STATUS_SUCCESSFUL: return "successful";
    case OCSP_RESPONSE_STATUS_MALFORMEDREQUEST: return "malformedRequest";
    case OCSP_RESPONSE_STATUS_INTERNALERROR: return "internalError";
    case OCSP_RESPONSE_STATUS_TRYLATER: return "tryLater";
    case OCSP_RESPONSE_STATUS_SIGREQUIRED: return "sigRequired";
    case OCSP_RESPONSE_STATUS_UNAUTHORIZED: return "unauthorized";
    default: return fmt::format("{}", status);
  }
}

std::optional<std::int64_t> read_time(const ASN1_GENERALIZEDTIME* time, std::string& text) {
  using namespace std::chrono;
  if (time == nullptr) return std::nullopt;
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    text = visible(bytes_of(time), 32);
    return std::nullopt;
  }
  const sys_days day(year(parts.tm_year + 1900) / month(static_cast<unsigned>(parts.tm_mon + 1)) /
                     std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
  return (sys_seconds(day) + hours(parts.tm_hour) + minutes(parts.tm_min) + std::chrono::seconds(parts.tm_sec))
      .time_since_epoch()
      .count();
}

void read_single(OCSP_SINGLERESP* single, OcspResponse& read) {
  int why = 0;
  ASN1_GENERALIZEDTIME* revoked = nullptr;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, &why, &revoked, &from, &until);
  read.status = status == V_OCSP_CERTSTATUS_GOOD ? "good" : status == V_OCSP_CERTSTATUS_REVOKED ? "revoked" : "unknown";
  read.this_update_time = read_time(from, read.this_update);
  read.next_update_time = read_time(until, read.next_update);
  read_time(revoked, read.revoked_at);
  ASN1_INTEGER* serial = nullptr;
  OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single)));
  if (serial != nullptr)
    read.serial = ((ASN1_STRING_type(serial) & V_ASN1_NEG) != 0 ? "-" : "") + to_hex(bytes_of(serial));
}

}  // namespace

Result<OcspResponse> parse_ocsp_response(std::string_view der) {
  if (der.size() > most_bytes)
    return Error(Reason::truncated,
                 fmt::format("an OCSP response of {} bytes: longer than {}, it was not read", der.size(), most_bytes));
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<OCSP_RESPONSE, OpensslFree<OCSP_RESPONSE_free>> response(
      d2i_OCSP_RESPONSE(nullptr, &bytes, static_cast<long>(der.size())));
  OcspResponse read;
  if (response) read.response = response_word(OCSP_response_status(response.get()));
  if (response && read.response != "successful") {
    ERR_clear_error();
    return read;
  }
  const std::unique_ptr<OCSP_BASICRESP, OpensslFree<OCSP_BASICRESP_free>> basic(
      response ? OCSP_response_get1_basic(response.get()) : nullptr);
  ERR_clear_error();
  if (!basic || OCSP_resp_count(basic.get()) < 1)
    return Error(Reason::protocol_error, fmt::format("{} bytes that are no OCSP response", der.size()));
  read.certificates = static_cast<std::size_t>(OCSP_resp_count(basic.get()));
  read_single(OCSP_resp_get0(basic.get(), 0), read);
  return read;
}

}  // namespace audit::proto
