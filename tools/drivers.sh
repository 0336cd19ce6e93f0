# Sourced by tools/test: fetches further Vulkan drivers for tests from Debian's archive into the user's cache, without
# installing them. Each function sets a variable to the driver's JSON file, or leaves it empty and says why.

driver_cache=${XDG_CACHE_HOME:-$HOME/.cache}/vknet/drivers
swiftshader_json=""
lavapipe25_json=""

# SwiftShader, a plain CPU driver with the smallest limits of all, is part of Debian's Chromium.
fetch_swiftshader() {
  local folder=$driver_cache/swiftshader
  unpack_package chromium-common "$folder" "" usr/lib/chromium/libvk_swiftshader.so || return 1
  # Chromium's own JSON file states version 1.0, to which the loader would hold the driver.
  write_driver_json "$folder/icd.json" "$folder/usr/lib/chromium/libvk_swiftshader.so" 1.3.0
  swiftshader_json=$folder/icd.json
}

# A newer lavapipe than Debian 12 has, from its backports.
fetch_lavapipe25() {
  local folder=$driver_cache/lavapipe-25.0.7
  unpack_package mesa-vulkan-drivers "$folder" bookworm-backports "usr/lib/$(uname -m)-linux-gnu/libvulkan_lvp.so" 25.0.7 || return 1
  write_driver_json "$folder/icd.json" "$folder/usr/lib/$(uname -m)-linux-gnu/libvulkan_lvp.so" 1.4.305
  lavapipe25_json=$folder/icd.json
}

# unpack_package PACKAGE FOLDER SUITE FILE [VERSION]: leaves FILE of a Debian package under FOLDER; SUITE is empty for the system's own.
unpack_package() {
  local package=$1 folder=$2 suite=$3 file=$4 version=${5:-} work
  [ -f "$folder/$file" ] && return 0
  if ! vknet_have apt-get || ! vknet_have dpkg-deb; then
    vknet_say "$package is fetched with apt-get and dpkg-deb, which this system has not"
    return 1
  fi
  mkdir -p "$driver_cache"
  work=$(mktemp -d "$driver_cache/fetch.XXXXXX") || return 1
  vknet_say "fetching $package${version:+ $version} ..."
  if download_package "$package" "$suite" "$version" "$work" >"$work/log" 2>&1 &&
    dpkg-deb -x "$work"/*.deb "$work/content" && [ -f "$work/content/$file" ]; then
    rm -rf "$folder"
    mv "$work/content" "$folder"
  else
    tail -n 10 "$work/log" >&2
    vknet_say "could not fetch $package"
  fi
  rm -rf "$work"
  [ -f "$folder/$file" ]
}

# download_package PACKAGE SUITE VERSION FOLDER: puts the package's file into FOLDER. A suite that the system does not
# use is read through lists of its own, so that the system's stay as they are.
download_package() (
  package=$1 suite=$2 version=$3 folder=$4
  cd "$folder" || exit 1
  if [ -z "$suite" ]; then
    apt-get download "$package" && exit 0
    # Never updated, or updated long ago: the lists name files that are gone.
    [ "$(id -u)" = 0 ] && apt-get update && apt-get download "$package"
    exit
  fi
  mkdir -p lists/partial cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $suite main" >sources.list
  set -- -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=- \
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root
  apt-get update "$@" || exit 1
  version=$(apt-cache madison "$package" "$@" | awk -v wanted="$version" 'index($3, wanted) == 1 { print $3; exit }')
  [ -n "$version" ] && apt-get download "$package=$version" "$@"
)

# write_driver_json FILE LIBRARY VERSION
write_driver_json() {
  printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "%s"}}\n' "$2" "$3" >"$1"
}
