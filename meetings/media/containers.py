"""Containers: the kinds of file that a recording may be, and what is known of their lengths."""

# Others are not even tried: some name further files, or addresses to be fetched.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,ogg,wav,mp3,flac,aac,aiff,"
    "w64,rm,dv,amr,caf"
)
SAFELY = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
"""Options for whoever opens a file."""

# Their headers say how long they last, so that a missing end is seen.
SAY_THEIR_LENGTH = {"mov", "matroska", "avi", "flv", "asf"}
# Their length is a guess from the first frames, so it is counted.
GUESS_THEIR_LENGTH = {"mp3", "aac", "amr"}

# The names under which recordings come.
SUFFIXES = {
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".avi",
    ".flv", ".wmv", ".asf", ".mxf", ".ogv", ".3gp",
    ".mp3", ".m4a", ".aac", ".wav", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff",
}  # fmt: skip
