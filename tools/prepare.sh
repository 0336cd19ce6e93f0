# Sourced by the launch scripts (tools/vknet, tools/test, perf/run): installs what is missing on Debian and Ubuntu and
# builds what is out of date. Everything it prints goes to standard error. Works with the bash 3.2 of macOS.

vknet_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
vknet_name=$(basename "$0")
vknet_yes=0
PATH="$PATH:/usr/sbin:/sbin"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

vknet_say() { printf '%s: %s\n' "$vknet_name" "$*" >&2; }

vknet_have() { command -v "$1" >/dev/null 2>&1; }

# Whether the dynamic linker knows a shared library. Where there is no ldconfig (macOS) the runner itself reports what it misses.
vknet_have_library() {
  vknet_have ldconfig || return 0
  [ -n "${vknet_libraries:-}" ] || vknet_libraries=$(ldconfig -p 2>/dev/null)
  case "$vknet_libraries" in *"$1"*) return 0 ;; esac
  return 1
}

# Whether any Vulkan driver is registered where the loader looks, or named by its environment variables.
vknet_have_driver() {
  [ "$(uname -s)" = Linux ] || return 0
  [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}${VK_ADD_DRIVER_FILES:-}" ] || return 0
  local folder file
  for folder in /etc/vulkan /usr/share/vulkan /usr/local/share/vulkan /usr/local/etc/vulkan "${XDG_DATA_HOME:-$HOME/.local/share}/vulkan"; do
    for file in "$folder"/icd.d/*.json; do
      [ -e "$file" ] && return 0
    done
  done
  return 1
}

vknet_find_dotnet() {
  vknet_have dotnet && return 0
  local folder
  for folder in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet; do
    [ -n "$folder" ] && [ -x "$folder/dotnet" ] && { PATH="$folder:$PATH"; return 0; }
  done
  vknet_say "the .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0"
  return 1
}

# vknet_require WHAT...: run (to run), build (to build as well), test (for the tests as well).
# Installs what is missing as root or after --yes; otherwise prints the one line that does.
vknet_require() {
  local what missing="" jpeg=libturbojpeg0
  grep -qsi '^ID=.*ubuntu\|^ID_LIKE=.*ubuntu' /etc/os-release && jpeg=libturbojpeg
  for what in "$@"; do
    case "$what" in
      run)
        vknet_have_library libvulkan.so.1 || missing="$missing libvulkan1"
        vknet_have_driver || missing="$missing mesa-vulkan-drivers"
        ;;
      build)
        vknet_have glslc || missing="$missing glslc"
        # Pictures in JPEG need it, nothing else does: worth installing, not worth a word at every start.
        vknet_have_library libturbojpeg.so.0 || missing="$missing $jpeg"
        ;;
      test)
        [ "$(uname -s)" != Linux ] || [ -e /usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json ] || missing="$missing vulkan-validationlayers"
        vknet_have spirv-val || missing="$missing spirv-tools"
        ;;
    esac
  done
  [ -n "$missing" ] || return 0
  missing=${missing# }

  if ! vknet_have apt-get; then
    vknet_say "missing: $missing (names of Debian packages; install what your system calls them)"
    return 0
  fi
  local install="apt-get update && apt-get install -y --no-install-recommends $missing"
  if [ "$(id -u)" = 0 ]; then
    vknet_apt "$missing" bash -c "$install"
  elif [ "$vknet_yes" = 1 ] && vknet_have sudo; then
    vknet_apt "$missing" sudo DEBIAN_FRONTEND=noninteractive bash -c "$install"
  else
    vknet_say "missing: $missing. This line installs it, as does --yes:"
    printf "  sudo bash -c '%s'\n" "$install" >&2
  fi
  vknet_libraries=""
}

vknet_apt() {
  local packages=$1 log
  shift
  log=$(mktemp)
  vknet_say "installing $packages ..."
  if DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
    vknet_say "installed $packages"
  else
    tail -n 15 "$log" >&2
    vknet_say "could not install $packages; going on without"
  fi
  rm -f "$log"
}

# vknet_sources FOLDER...: every file that a build reads, one per line.
vknet_sources() {
  (
    cd "$vknet_root" || exit 1
    # Folders that this checkout has not are left out.
    for folder in "$@"; do [ -d "$folder" ] && printf '%s\0' "$folder"; done |
      xargs -0 sh -c 'find "$@" \( -name bin -o -name obj \) -prune -o -type f -print' sh
    ls Directory.*.props global.json 2>/dev/null
  )
}

# vknet_build PROJECT PROGRAM FOLDER...: builds PROJECT (Release) unless PROGRAM is newer than all that lies in the folders.
# The list of files is compared as well: a file that was deleted is newer than nothing.
vknet_build() {
  local project=$1 program=$vknet_root/$2 state
  shift 2
  state=$vknet_root/artifacts/launch/$(basename "$program")
  mkdir -p "$(dirname "$state")"
  vknet_sources "$@" >"$state.now.$$"
  if ! vknet_is_current "$program" "$state" "$state.now.$$"; then
    vknet_build_now "$project" "$program" "$state" "$state.now.$$" || { rm -f "$state.now.$$"; return 3; }
  fi
  rm -f "$state.now.$$"
}

# vknet_is_current PROGRAM STATE LIST: STATE holds the list of the last build and was touched when that began.
vknet_is_current() {
  [ -f "$1" ] && [ -f "$2" ] && cmp -s "$2" "$3" || return 1
  [ -z "$(cd "$vknet_root" && tr '\n' '\0' <"$3" | xargs -0 sh -c 'find "$@" -newer "$0" -print' "$2" | head -n 1)" ]
}

vknet_build_now() {
  local project=$1 program=$2 state=$3 list=$4 begin=$SECONDS
  vknet_find_dotnet || return 1
  vknet_require build
  vknet_have glslc || { vknet_say "glslc (the shader compiler) is needed to build"; return 1; }
  # One build at a time; whoever waited finds it done.
  if vknet_have flock; then
    exec 8>"$vknet_root/artifacts/launch/lock"
    flock 8
    vknet_is_current "$program" "$state" "$list" && return 0
  fi
  touch "$state.begun"
  vknet_say "building $project (Release); the first time takes about a minute ..."
  if ! dotnet build "$vknet_root/$project" -c Release -v q -nologo "-clp:NoSummary;ErrorsOnly" 8>&- >&2; then
    vknet_say "the build of $project failed"
    return 3
  fi
  cp "$list" "$state"
  touch -r "$state.begun" "$state"
  rm -f "$state.begun"
  if vknet_have flock; then exec 8>&-; fi
  vknet_say "built in $((SECONDS - begin)) s"
}
