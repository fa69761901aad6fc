// Attaches to #moment, the sentence that ?t= names, and brings it into view.
// A link with #moment does so without this script; an address with ?t= alone does not, nor does one
// whose fragment names a time (#t=).

const moment = document.getElementById("moment");
const isElsewhere = location.hash && !location.hash.startsWith("#t=");
if (moment && !isElsewhere && new URLSearchParams(location.search).has("t")) {
  moment.scrollIntoView({ block: "center" });
}
