# Programs that look for parts of themselves in /usr, or whose names Debian makes on installation.
{
  fromDebian,
  bash,
}:
{
  git = fromDebian "git" {
    shell = "${bash}/bin/bash";
    arrange = ''
      rm -rf $out/lib/git-core/git $out/share/gitweb
      mv $out/bin/git $out/lib/git-core/git
      printf '%s\n' "#!$shell" "export GIT_EXEC_PATH=$out/lib/git-core" \
        "exec $out/lib/git-core/git \"\$@\"" >$out/bin/git
      chmod +x $out/bin/git
      # What this set has no interpreter for, and what nobody calls here.
      grep -lE '^#! ?/usr/bin/(perl|wish)' $out/lib/git-core/* | xargs rm -f
      for script in $(grep -lE '^#! ?/bin/(ba)?sh' $out/lib/git-core/*); do sed -i "1s,.*,#!$shell," $script; done
    '';
  };

  # Debian has `ip` twice: the second is a link to the first. The rest is for ATM networks and the like.
  iproute2 = fromDebian "iproute2" {
    mainProgram = "ip";
    drop = "sbin/ip usr/lib/x86_64-linux-gnu/tc";
  };

  iptables = fromDebian "iptables" {
    arrange = ''
      for program in iptables ip6tables; do
        for end in "" -save -restore; do ln -sf xtables-nft-multi $out/bin/$program$end; done
      done
      rm -f $out/bin/*-apply
    '';
  };

  nix = fromDebian "nix" {
    arrange = ''
      for name in build channel collect-garbage copy-closure daemon env hash instantiate prefetch-url store; do
        ln -sf nix $out/bin/nix-$name
      done
      rm -rf $out/libexec
    '';
  };
}
