// A narrow board opens where today is: what stands now is seen without turning it.
const lanes = document.querySelector(".lanes");
const now = document.querySelector(".lane-now");
if (lanes && now && lanes.scrollWidth > lanes.clientWidth) {
  const from = now.getBoundingClientRect().left - lanes.getBoundingClientRect().left;
  lanes.scrollLeft = from - lanes.clientWidth * 0.6;
}
