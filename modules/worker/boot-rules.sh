# Puts the packet filter's rules in force that the agent has kept, so that they are there before the Docker Engine starts
# the first container. $1: the agent's data folder. Rules that are there already are the running agent's business.
failed=0
for program in iptables ip6tables; do
  rules=$1/firewall/$program.rules
  if [ ! -e "$rules" ] || "$program" -w 5 -t mangle -S INPUT | grep -q -e '-j SKYPANEL-INPUT'; then continue; fi
  "$program-restore" -w 5 --noflush "$rules" || failed=1
done
exit "$failed"
