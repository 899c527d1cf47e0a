# Debian's packages; nothing is downloaded. The list of package names is tests/packages.txt.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED CONFIG)
find_package(tomlplusplus REQUIRED CONFIG)
find_package(date REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(OpenSSL 3 REQUIRED)
find_package(mimalloc REQUIRED CONFIG)
find_package(CURL 7.85 REQUIRED)

# Each shared library takes a part of every start: ten of them instead of 26 take a third off the shortest run. OpenSSL
# and those above stay shared: they are the system's, with its updates and its settings.
if(AUDIT_STATIC_LIBRARIES)
  list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)
  add_link_options(-Wl,--gc-sections)  # else what libarchive knows of other formats would ask for their libraries
endif()
find_package(ZLIB REQUIRED)
find_package(SQLiteCpp REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(lua REQUIRED IMPORTED_TARGET lua5.4)
pkg_check_modules(ldns REQUIRED IMPORTED_TARGET ldns)
pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
if(AUDIT_STATIC_LIBRARIES)
  foreach(library tinfo bsd md)  # which libedit uses
    find_library(AUDIT_${library} ${library} REQUIRED)
    target_link_libraries(PkgConfig::libedit INTERFACE ${AUDIT_${library}})
  endforeach()
endif()

find_path(ASIO_INCLUDE asio.hpp REQUIRED)
add_library(asio INTERFACE)
target_include_directories(asio SYSTEM INTERFACE ${ASIO_INCLUDE})
target_compile_definitions(asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED
  ASIO_DISABLE_STD_ALIGNED_ALLOC)  # else the order of includes decides, file by file, which allocator frees
target_link_libraries(asio INTERFACE Threads::Threads)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_definitions(asio INTERFACE ASIO_HAS_CO_AWAIT=1 ASIO_HAS_STD_COROUTINE=1)
endif()

find_path(HTTP_PARSER_INCLUDE http_parser.h REQUIRED)
find_library(HTTP_PARSER_LIBRARY http_parser REQUIRED)
add_library(http_parser INTERFACE)
target_include_directories(http_parser SYSTEM INTERFACE ${HTTP_PARSER_INCLUDE})
target_link_libraries(http_parser INTERFACE ${HTTP_PARSER_LIBRARY})

find_path(RAPIDJSON_INCLUDE rapidjson/writer.h REQUIRED)
add_library(rapidjson INTERFACE)
target_include_directories(rapidjson SYSTEM INTERFACE ${RAPIDJSON_INCLUDE})
