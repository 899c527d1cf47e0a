#include "notify/curl_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/text.hpp"

namespace audit::notify {
namespace {

constexpr const char* soname = "libcurl.so.4";

Error missing() {
  const char* why = dlerror();
  return Error(Reason::local_fault, fmt::format("{} cannot be used: {}; install the package libcurl4", soname,
                                                why == nullptr ? "it is not whole" : visible(why, 300)));
}

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

Result<CurlLibrary> load() {
  void* const library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return missing();
  CurlLibrary curl;
  decltype(&::curl_global_init) global_init = nullptr;
  const bool whole =
      find(library, "curl_global_init", global_init) && find(library, "curl_easy_init", curl.easy_init) &&
      find(library, "curl_easy_cleanup", curl.easy_cleanup) && find(library, "curl_easy_setopt", curl.easy_setopt) &&
      find(library, "curl_easy_perform", curl.easy_perform) && find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
      find(library, "curl_easy_strerror", curl.easy_strerror) &&
      find(library, "curl_slist_append", curl.slist_append) &&
      find(library, "curl_slist_free_all", curl.slist_free_all) && find(library, "curl_mime_init", curl.mime_init) &&
      find(library, "curl_mime_free", curl.mime_free) && find(library, "curl_mime_addpart", curl.mime_addpart) &&
      find(library, "curl_mime_data", curl.mime_data) && find(library, "curl_mime_type", curl.mime_type) &&
      find(library, "curl_mime_filename", curl.mime_filename) && find(library, "curl_mime_encoder", curl.mime_encoder);
  if (!whole) return missing();
  if (const CURLcode code = global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    return Error(Reason::local_fault, fmt::format("{} does not start: {}", soname, curl.easy_strerror(code)));
  return curl;
}

}  // namespace

const Result<CurlLibrary>& curl_library() {
  static const Result<CurlLibrary> loaded = load();
  return loaded;
}

}  // namespace audit::notify
