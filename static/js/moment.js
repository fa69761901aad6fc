// Attaches to #moment, the sentence that ?t= names, and brings it into view.
// A link with #moment does so without this script; an address with ?t= alone does not.

const moment = document.getElementById("moment");
if (moment && !location.hash && new URLSearchParams(location.search).has("t")) {
  moment.scrollIntoView({ block: "center" });
}
